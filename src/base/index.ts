export { concatBytes, equalBytes, fromHex, joinBytes, lengthOf, sha256, sha256Hex, toHex, utf8Bytes, utf8Text } from './bytes.ts'
export { canonicalJson } from './canonical-json.ts'
export {
  type Channel,
  channelClosed,
  chunked,
  counted,
  FRAME_HEADER_BYTES,
  type Inbox,
  inbox,
  inTurns,
  memoryChannels,
  sendParts,
  type Traffic,
  turns,
} from './channel.ts'
export { onAbort } from './on-abort.ts'
export { monotonicMs, now } from './clock.ts'
export {
  bytesCodec,
  type Carried,
  type Codec,
  float32Codec,
  float64Codec,
  jsonCodec,
  listCodec,
  lookInto,
  partsOf,
  structCodec,
  textCodec,
  uint32Codec,
  uint64Codec,
  voidCodec,
} from './codec.ts'
export { type Csprng, csprng } from './csprng.ts'
export { type Fault, type Where, YimengError } from './errors.ts'
export { type Random, type Seed, seed } from './seed.ts'
export { firstField, readStored, type StoredBytes, storedPart } from './stored.ts'
export { wasmExports } from './wasm.ts'
