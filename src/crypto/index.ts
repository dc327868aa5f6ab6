export {
  addKeyShares,
  type Ckks,
  type CkksKey,
  type CkksKeyShare,
  type CkksSumKey,
  ckks,
  ckksKey,
  combineKeyShares,
  dealKeyShares,
  KEY_WORDS,
  MOST_CONTRIBUTIONS,
} from './ckks.ts'
export { CPACE_BYTES, type Cpace, cpace } from './cpace.ts'
export { libsodium, type Sodium } from './sodium.ts'
export { type Curve25519, curve25519, curve25519InWasm, POINT_BYTES } from './curve25519.ts'
export { combineShares, dealShares, MOST_SHARES, type Share } from './shamir.ts'
export {
  combineOpenings,
  dealPaillierKey,
  openPartly,
  type PaillierEncryption,
  paillierEncryption,
  type PaillierKey,
  type PaillierShare,
  type PartialOpening,
} from './paillier.ts'
