// Many virtual clients on one machine: logistic regression on MNIST, 1000 clients, 10 a round, 100 rounds, batches of 10, as FLUTE's table has it; then the same with other numbers of
// registered clients, each in a process of its own, to see whether memory grows with them. Published on CPU: Flower 1.0 30:14, FLUTE 3:20 (FLUTE's README; another machine, so indicative only).
// Run: node bench/simulate.ts [clients,…] [rounds]
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { run } from '../src/index.ts'

interface Line {
  readonly clients: number
  readonly rounds: number
  readonly seconds: number
  /** Until the first training round: reading and hashing the pictures, dealing them, admitting every client, statistics over all of them. */
  readonly startSeconds: number
  readonly millisecondsARound: number
  readonly peakMegabytes: number
  readonly accuracy: number
}

const simulate = async (clients: number, rounds: number): Promise<Line> => {
  const started = performance.now()
  let first = started
  let last = started
  const { metrics } = await run(
    {
      task: 'mnist',
      model: { kind: 'logistic' },
      partition: { kind: 'iid', sites: clients },
      cohort: { size: 10 },
      local: { epochs: 1, batch: 10, optimiser: { name: 'sgd', learningRate: 0.03 } },
      rounds,
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
  return {
    clients,
    rounds,
    seconds: (performance.now() - started) / 1000,
    startSeconds: (first - started) / 1000,
    millisecondsARound: (last - first) / rounds,
    // kilobytes, as the system counts them
    peakMegabytes: process.resourceUsage().maxRSS / 1000,
    accuracy: metrics['accuracy'] ?? Number.NaN,
  }
}

const [counts = '100,1000,3400', rounds = '100', one] = process.argv.slice(2)
if (one === 'one') console.log(JSON.stringify(await simulate(Number(counts), Number(rounds))))
else {
  const lines = counts.split(',').map((clients): Line => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), clients, rounds, 'one'], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
    const line = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Line
    console.log(
      `${line.clients} clients, ${line.rounds} rounds: ${line.seconds.toFixed(1)} s (${line.startSeconds.toFixed(1)} s before the first), ${line.millisecondsARound.toFixed(1)} ms a round, peak ${line.peakMegabytes.toFixed(0)} MB, accuracy ${line.accuracy.toFixed(3)}`,
    )
    return line
  })
  const published = lines.find((line) => line.clients === 1000 && line.rounds === 100)
  if (published !== undefined)
    console.log(
      `published: Flower 1.0 ${(1814 / published.seconds).toFixed(0)} × as long, FLUTE ${(200 / published.seconds).toFixed(0)} × (other machines)`,
    )
  console.log(JSON.stringify({ bench: 'simulate', lines }))
}
