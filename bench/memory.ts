// Memory over a long run: 500 rounds, resident memory after forced collection, and its slope over the last 400 rounds as a share of the memory itself.
// Run: node --expose-gc bench/memory.ts [rounds]
import { run } from '../src/index.ts'

const rounds = Number(process.argv[2] ?? 500)
const collect = globalThis.gc
if (collect === undefined) throw new Error('run with node --expose-gc')

const samples: { readonly round: number; readonly rss: number; readonly heap: number }[] = []
let peak = 0
const { metrics, seconds } = await run(
  { task: 'breast-cancer', rounds, evaluate: { every: 10 } },
  {
    home: null,
    onEvent: (event) => {
      if (event.kind !== 'roundCommitted') return
      peak = Math.max(peak, process.memoryUsage.rss())
      if (event.round % 10 !== 0) return
      // twice: what the first pass only marks for finalisation goes with the second
      collect()
      collect()
      const { rss, heapUsed } = process.memoryUsage()
      samples.push({ round: event.round, rss, heap: heapUsed })
    },
  },
)

/** Growth of a least-squares line over the samples, relative to their mean. */
const growth = (values: readonly { readonly round: number; readonly value: number }[]): number => {
  const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  const [t, y] = [meanOf(values.map(({ round }) => round)), meanOf(values.map(({ value }) => value))]
  const slope =
    values.reduce((sum, { round, value }) => sum + (round - t) * (value - y), 0) /
    values.reduce((sum, { round }) => sum + (round - t) ** 2, 0)
  const span = (values.at(-1)?.round ?? 0) - (values[0]?.round ?? 0)
  return (slope * span) / y
}

const late = samples.filter(({ round }) => round >= rounds / 5)
const percent = (share: number) => `${(100 * share).toFixed(2)} %`
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
const slopes = {
  resident: growth(late.map(({ round, rss }) => ({ round, value: rss }))),
  heap: growth(late.map(({ round, heap }) => ({ round, value: heap }))),
}
console.log(`${rounds} rounds in ${seconds.toFixed(1)} s, accuracy ${metrics['accuracy']?.toFixed(3)}, peak ${megabytes(peak)}`)
console.log(
  `resident: ${megabytes(late[0]?.rss ?? 0)} → ${megabytes(late.at(-1)?.rss ?? 0)}, slope ${percent(slopes.resident)} over the last ${(rounds * 4) / 5} rounds`,
)
console.log(`heap: ${megabytes(late[0]?.heap ?? 0)} → ${megabytes(late.at(-1)?.heap ?? 0)}, slope ${percent(slopes.heap)}`)
console.log(JSON.stringify({ bench: 'memory', rounds, seconds, peakBytes: peak, slopes }))
