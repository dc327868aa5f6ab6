// Paillier among sites that share one process: a key is dealt here, in memory, for one run. On sites' own machines nobody is there whom all of them would trust with that.
import { csprng } from '../base/index.ts'
import { dealPaillierKey } from '../crypto/index.ts'
import { safePrimes } from '../crypto/node.ts'
import { paillierEncrypted, paillierServer, type SumProtocol } from '../federated/index.ts'

// drawn once for a process: looking for them takes seconds. Keys differ in all but n
let primes: ReturnType<typeof safePrimes> | undefined

/** The encrypted sum of these sites, a `size` of them in a round, by threshold Paillier: more than two thirds of a round open its sum. */
export const paillierAmong = async (sites: readonly string[], size: number): Promise<SumProtocol<'linear'>> => {
  const threshold = Math.floor((2 * size) / 3) + 1
  const { key, shares } = dealPaillierKey(await (primes ??= safePrimes()), { holders: sites.length, threshold }, csprng())
  const bySite = new Map(sites.map((site, k) => [site, paillierEncrypted({ key, share: shares[k]! })]))
  return {
    ...paillierServer(key),
    contribute: (how, input, me, to, signal) => bySite.get(me)!.contribute(how, input, me, to, signal),
  }
}
