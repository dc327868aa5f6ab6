// Logistic regression of the Wisconsin breast-cancer data over five hospitals whose updates nobody reads: they are added under encryption, and only the hospitals together open the sum.
// By CKKS and by Paillier (2048 bits) the model is the plain run's, bit for bit. Run: node examples/encrypted-regression.ts [rounds] [seeds] [sums, with commas] [first seed]
import { run } from '../src/simulation/index.ts'
import type { RunSpecInput } from '../src/tasks/index.ts'

const rounds = Number(process.argv[2] ?? 10)
const seeds = Number(process.argv[3] ?? 20)

const sums = {
  plain: {},
  ckks: { sum: 'encrypted' },
  paillier: { sum: 'encrypted', encryption: 'paillier' },
} as const

const spec = (seed: number, sum: keyof typeof sums): RunSpecInput => ({
  task: 'breast-cancer',
  seed,
  partition: { kind: 'iid', sites: 5 },
  model: { kind: 'logistic' },
  rounds,
  cohort: { size: 5 },
  local: { epochs: 2, batch: 16, optimiser: { name: 'sgd', learningRate: 0.15 } },
  engine: { kind: 'reference' },
  evaluate: { every: 0 },
  ...sums[sum],
})

const first = Number(process.argv[5] ?? 1)
const asked = (process.argv[4] ?? 'plain,ckks,paillier').split(',')

for (const sum of (['plain', 'ckks', 'paillier'] as const).filter((each) => asked.includes(each))) {
  const accuracies: number[] = []
  let [same, seconds, bytes] = [0, 0, 0]
  for (let seed = first; seed < first + seeds; seed += 1) {
    const result = await run(spec(seed, sum), { home: null })
    const plain = sum === 'plain' ? result : await run(spec(seed, 'plain'), { home: null })
    same += Number(result.modelHash === plain.modelHash)
    seconds += result.seconds
    bytes += result.bytesUp
    accuracies.push(result.metrics['accuracy'] ?? 0)
  }
  const mean = accuracies.reduce((total, accuracy) => total + accuracy, 0) / seeds
  const deviation = Math.sqrt(accuracies.reduce((total, accuracy) => total + (accuracy - mean) ** 2, 0) / Math.max(1, seeds - 1))
  const each = rounds * seeds
  console.log(
    `${sum}: accuracy on all test rows ${mean.toFixed(4)} ± ${deviation.toFixed(4)} over ${seeds} seeds (${accuracies.map((accuracy) => accuracy.toFixed(4)).join(' ')}); same model as the plain run: ${same} of ${seeds}; a round ${(seconds / each).toFixed(3)} s, ${Math.round(bytes / each)} bytes from all sites`,
  )
}
