// Accuracy against ε: DP-FedAvg over many sites, in the unit of a whole site. Run: node bench/private-training.ts [task] [sites] [rounds] [ε, with commas] [seeds]
// Sums are plain here, since masks do not change a model; with them a run only takes longer.
import { run } from '../src/simulation/index.ts'
import type { RunSpecInput } from '../src/tasks/index.ts'

const [task = 'digits', sites = '100', rounds = '30', epsilons = '1,3,10,30', seeds = '3'] = process.argv.slice(2)

const accuracy = async (seed: number, more: Partial<RunSpecInput>): Promise<number> => {
  const spec: RunSpecInput = {
    task,
    seed,
    rounds: Number(rounds),
    partition: { kind: 'iid', sites: Number(sites) },
    cohort: { size: Number(sites) },
    model: { kind: 'logistic' },
    local: { epochs: 5, batch: 16, optimiser: { name: 'sgd', learningRate: 0.1 } },
    evaluate: { every: 0 },
    ...more,
  }
  return (await run(spec, { home: null })).metrics['accuracy'] ?? 0
}

const mean = async (more: Partial<RunSpecInput>): Promise<string> => {
  let sum = 0
  for (let seed = 1; seed <= Number(seeds); seed += 1) sum += await accuracy(seed, more)
  return (sum / Number(seeds)).toFixed(3)
}

console.log(`${task}, ${sites} sites, ${rounds} rounds, δ = 1e-3, mean of ${seeds} seeds`)
console.log('ε | accuracy, clip 0.5 | accuracy, clip learned')
console.log(`none | ${await mean({})} |`)
for (const epsilon of epsilons.split(',').map(Number)) {
  const privacy = { epsilon, delta: 1e-3, clip: 0.5 }
  console.log(`${epsilon} | ${await mean({ privacy })} | ${await mean({ privacy: { ...privacy, adaptive: {} } })}`)
}
