// A key that opens one contribution does not open in a sum's place, and nobody makes a sum's key but from shares: misuse does not compile.
import { csprng } from '../base/index.ts'
import { type CkksKey, type CkksSumKey, ckks, dealKeyShares } from './ckks.ts'

declare const one: CkksKey
declare const sum: CkksSumKey
const seed = new Uint8Array(32)
const total = new Uint32Array(3)

void ckks(64).open(sum, total, seed)
// @ts-expect-error -- the key of one contribution opens nothing
void ckks(64).open(one, total, seed)
// @ts-expect-error -- nor does a record that looks like a key
void ckks(64).open({ values: new Int32Array(4096), contributions: 2 }, total, seed)
// @ts-expect-error -- the key of a sum is no contributor's: it encrypts nothing
void ckks(64).encrypt(sum, new BigUint64Array(1), seed, csprng())
// @ts-expect-error -- nor is it shared out again
dealKeyShares(sum, { threshold: 2, holders: 3 }, csprng())
