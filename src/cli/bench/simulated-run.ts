// One line of `yimeng bench simulate`, a process of its own: federated MNIST over many virtual clients, 10 of them a round, one epoch in batches of 10, both ends of every channel in this process.
// Run: node simulated-run.ts <logistic|cnn> <clients> <rounds>. Prints a line of JSON.
import { run } from '../../simulation/index.ts'
import type { SimulatedLine } from './simulation-bench.ts'

const [, , kind, clients = '', rounds = ''] = process.argv
const model = kind === 'cnn' ? 'cnn' : 'logistic'
const started = performance.now()
let first = started
let last = started
const { metrics } = await run(
  {
    task: 'mnist',
    model: { kind: model },
    partition: { kind: 'iid', sites: Number(clients) },
    cohort: { size: 10 },
    // as the peers have it: a rate that stays, pictures as they are
    local: { epochs: 1, batch: 10, optimiser: { name: 'sgd', learningRate: 0.03 }, schedule: { kind: 'constant' }, augment: [] },
    rounds: Number(rounds),
    evaluate: { every: 0 },
  },
  {
    home: null,
    workers: 2,
    onEvent: (event) => {
      if (event.kind === 'analysed') first = performance.now()
      if (event.kind === 'roundCommitted') last = performance.now()
    },
  },
)
const line: SimulatedLine = {
  model,
  clients: Number(clients),
  rounds: Number(rounds),
  seconds: (performance.now() - started) / 1000,
  startSeconds: (first - started) / 1000,
  msARound: (last - first) / Number(rounds),
  // kilobytes, as the system counts them
  peakMb: process.resourceUsage().maxRSS / 1000,
  accuracy: metrics['accuracy'] ?? null,
}
console.log(JSON.stringify(line))
