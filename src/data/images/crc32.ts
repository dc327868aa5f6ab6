// CRC-32 as PNG and zip have it: polynomial 0xEDB88320 reflected (PNG specification, annex D).

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1
  return value
})

/** Checksum of all bytes, unsigned. */
export const crc32 = (bytes: Uint8Array): number => {
  let value = 0xff_ff_ff_ff
  for (let at = 0; at < bytes.length; at += 1) value = (table[(value ^ (bytes[at] ?? 0)) & 255] ?? 0) ^ (value >>> 8)
  return (value ^ 0xff_ff_ff_ff) >>> 0
}
