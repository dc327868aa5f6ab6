// Logistic regression of the Wisconsin breast-cancer data over five hospitals whose updates nobody reads: they are added under threshold Paillier encryption (2048 bits), and only the
// hospitals together open the sum. The model is the plain run's, bit for bit. Run: node examples/encrypted-regression.ts [rounds] [seeds for the plain accuracy]
import { csprng } from '../src/base/index.ts'
import { dealPaillierKey } from '../src/crypto/index.ts'
import { safePrimes } from '../src/crypto/node.ts'
import { encrypted, type SumProtocol } from '../src/federated/index.ts'
import { run } from '../src/simulation/index.ts'
import type { RunSpecInput } from '../src/tasks/index.ts'

const rounds = Number(process.argv[2] ?? 10)
const seeds = Number(process.argv[3] ?? 20)

/** A protocol that finds each site's share by its name: five sites in one process. In the field each site has its own share alone. */
const shared = async (holders: number): Promise<(sites: readonly string[]) => SumProtocol<'linear'>> => {
  const { key, shares } = dealPaillierKey(await safePrimes(), { holders, threshold: Math.floor((2 * holders) / 3) + 1 }, csprng())
  return (sites) => {
    const bySite = new Map(sites.map((site, k) => [site, encrypted({ key, share: shares[k]! })]))
    const [first] = bySite.values()
    return { ...first!, contribute: (how, input, me, to, signal) => bySite.get(me)!.contribute(how, input, me, to, signal) }
  }
}

const spec = (seed: number): RunSpecInput => ({
  task: 'breast-cancer',
  seed,
  partition: { kind: 'iid', sites: 5 },
  model: { kind: 'logistic' },
  rounds,
  cohort: { size: 5 },
  local: { epochs: 2, batch: 16, optimiser: { name: 'sgd', learningRate: 0.15 } },
  engine: { kind: 'reference' },
  evaluate: { every: 0 },
})

const plain = await run(spec(1), { home: null })
const secret = await run(spec(1), { home: null, sum: await shared(5) })
console.log(`same model: ${plain.modelHash === secret.modelHash}`)
console.log(`seconds a round: ${(plain.seconds / rounds).toFixed(3)} plain, ${(secret.seconds / rounds).toFixed(3)} encrypted`)
console.log(`bytes a round from all sites: ${Math.round(plain.bytesUp / rounds)} plain, ${Math.round(secret.bytesUp / rounds)} encrypted`)

const accuracies: number[] = []
for (let seed = 1; seed <= seeds; seed += 1) accuracies.push((await run(spec(seed), { home: null })).metrics['accuracy'] ?? 0)
const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length
const deviation = Math.sqrt(accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0) / Math.max(1, accuracies.length - 1))
console.log(`accuracy on all test rows, ${seeds} seeds: ${mean.toFixed(4)} ± ${deviation.toFixed(4)}`)
