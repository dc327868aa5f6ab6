// Many virtual clients on one machine: logistic regression on MNIST, 10 clients a round, batches of 10, as FLUTE's table has it, with other numbers of registered clients to see whether memory
// grows with them; McMahan et al.'s CNN over 3400 clients; and Flower's simulation of the first, where a Python has it. Each line is a process of its own.
// Published on CPU: Flower 1.0 30:14, FLUTE 3:20 for 1000 clients and 100 rounds (FLUTE's README; another machine, so indicative only).
// Run: node bench/simulate.ts [--clients 100,1000,3400,10000] [--rounds 100] [--cnn 3400] [--cnn-rounds 20] [--python python3] [--flower-rounds 100]
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from '../src/index.ts'

interface Line {
  readonly model: 'logistic' | 'cnn'
  readonly clients: number
  readonly rounds: number
  readonly seconds: number
  /** Until the first training round: reading and hashing the pictures, dealing them, statistics over all clients. */
  readonly startSeconds: number
  readonly millisecondsARound: number
  readonly peakMegabytes: number
  readonly accuracy: number
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string', default: '100,1000,3400,10000' },
    rounds: { type: 'string', default: '100' },
    cnn: { type: 'string', default: '3400' },
    'cnn-rounds': { type: 'string', default: '20' },
    python: { type: 'string', default: 'python3' },
    'flower-rounds': { type: 'string', default: '100' },
  },
})

const simulate = async (model: Line['model'], clients: number, rounds: number): Promise<Line> => {
  const started = performance.now()
  let first = started
  let last = started
  const { metrics } = await run(
    {
      task: 'mnist',
      model: { kind: model },
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
    model,
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

/** Megabytes that Node keeps its heap to: left to itself it collects late, and the peak would say how late. */
const HEAP = 450

/** A line in a process of its own. */
const measured = (model: Line['model'], clients: string, rounds: string): Line => {
  const args = [`--max-old-space-size=${HEAP}`, fileURLToPath(import.meta.url), model, clients, rounds]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const line = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Line
  const rate = (1000 / line.millisecondsARound).toFixed(1)
  console.log(
    `${model}, ${line.clients} clients, ${line.rounds} rounds: ${line.seconds.toFixed(1)} s (${line.startSeconds.toFixed(1)} s before the first), ${line.millisecondsARound.toFixed(1)} ms a round (${rate} a second), peak ${line.peakMegabytes.toFixed(0)} MB, accuracy ${line.accuracy.toFixed(3)}`,
  )
  return line
}

/** Flower's own simulation of 1000 clients; undefined, loudly, where Python has none. */
const flower = (rounds: string): { readonly seconds: number; readonly version: string } | undefined => {
  const folder = join(process.env['YIMENG_DATA'] ?? '.', 'mnist')
  const { python } = options
  const { stdout, status, stderr } = spawnSync(
    python,
    [fileURLToPath(new URL('simulate-flower.py', import.meta.url)), folder, '1000', rounds],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  )
  if (status !== 0) {
    console.log(`SKIPPED: Flower — ${python} cannot simulate with it: ${(stderr ?? '').trimEnd().split('\n').at(-1) ?? 'not found'}`)
    return undefined
  }
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

const [model, clients, rounds] = positionals
if (model === 'logistic' || model === 'cnn') console.log(JSON.stringify(await simulate(model, Number(clients), Number(rounds))))
else {
  const numbers = options.clients === '' ? [] : options.clients.split(',')
  const lines = numbers.map((count) => measured('logistic', count, options.rounds))
  if (options.cnn !== '0') lines.push(measured('cnn', options.cnn, options['cnn-rounds']))
  const ours = lines.find((line) => line.clients === 1000 && line.model === 'logistic')
  const peer = ours === undefined || options['flower-rounds'] === '0' ? undefined : flower(options['flower-rounds'])
  if (ours !== undefined && peer !== undefined) {
    const each = peer.seconds / Number(options['flower-rounds'])
    console.log(
      `Flower ${peer.version}, 1000 clients, ${options['flower-rounds']} rounds: ${peer.seconds.toFixed(1)} s; ${(each / (ours.seconds / ours.rounds)).toFixed(0)} × our time a round, starting up included on both sides`,
    )
  }
  if (ours?.rounds === 100)
    console.log(
      `published: Flower 1.0 ${(1814 / ours.seconds).toFixed(0)} × as long, FLUTE ${(200 / ours.seconds).toFixed(0)} × (other machines)`,
    )
  console.log(JSON.stringify({ bench: 'simulate', lines, ...(peer === undefined ? {} : { flower: peer }) }))
}
