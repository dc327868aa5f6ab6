// Memory that is given back by hand. Megabytes of keystream, hashes and messages pass through a party every few milliseconds; left to the collector they cost more than the protocols:
// fresh pages instead of warm ones, and marking of the whole heap each time enough of them have gathered.

/** Bytes that may stand before the part of a buffer that is handed around: a message's header. */
const HEADER_BYTES = 12

/**
 * Gives back the memory of `bytes`, which nobody may read afterwards: it and all views of its buffer are then empty. Does nothing where `bytes` is only a part of a larger buffer, which
 * somebody else may still need.
 */
export const discard = (bytes: Uint8Array): void => {
  const { buffer, byteOffset, byteLength } = bytes
  if (buffer instanceof ArrayBuffer && byteOffset <= HEADER_BYTES && byteOffset + byteLength === buffer.byteLength) buffer.transfer(0)
}
