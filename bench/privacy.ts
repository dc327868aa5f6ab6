// Exact noise against the published sampler and against rounded normal noise; accountants against dp-accounting. Run: node bench/privacy.ts [numbers] [samples] [python]
// `python` is an interpreter with dp-accounting 0.6.0 installed; without it the accountants are timed alone. Contestants take turns; medians are reported.
import { spawnSync } from 'node:child_process'
import { csprng, monotonicMs } from '../src/base/index.ts'
import { type DpEvent, discreteGaussianNoise, discreteLaplaceNoise, pld, rdp } from '../src/privacy/index.ts'

const numbers = Number(process.argv[2] ?? 1_000_000)
const samples = Number(process.argv[3] ?? 11)
const python = process.argv[4]

const rng = csprng()

/** Canonne, Kamath, Steinke 2020, algorithms 1 to 3, as written: every coin a comparison of integers. σ is whole. */
const published = (sigma: number): ((into: Float64Array) => void) => {
  const coin = (over: number, under: number): boolean => rng.integer(under) < over
  const smallExponential = (over: number, under: number): boolean => {
    let k = 1
    while (coin(over, under * k)) k += 1
    return k % 2 === 1
  }
  const exponential = (over: number, under: number): boolean => {
    let rest = over
    for (; rest > under; rest -= under) if (!smallExponential(1, 1)) return false
    return smallExponential(rest, under)
  }
  const t = sigma + 1
  const laplace = (): number => {
    for (;;) {
      const u = rng.integer(t)
      if (!exponential(u, t)) continue
      let v = 0
      while (smallExponential(1, 1)) v += 1
      const magnitude = u + t * v
      const negative = coin(1, 2)
      if (magnitude > 0 || !negative) return negative ? -magnitude : magnitude
    }
  }
  return (into) => {
    for (let i = 0; i < into.length; ) {
      const x = laplace()
      if (exponential((Math.abs(x) * t - sigma * sigma) ** 2, 2 * sigma * sigma * t * t)) into[i++] = x
    }
  }
}

/** Fast, and private only on paper: its masses are not those of the formula, and its low bits are not random. */
const rounded =
  (sigma: number) =>
  (into: Float64Array): void => {
    for (let i = 0; i < into.length; i += 2) {
      const radius = sigma * Math.sqrt(-2 * Math.log(1 - rng.uniform()))
      const angle = 2 * Math.PI * rng.uniform()
      into[i] = Math.round(radius * Math.cos(angle))
      if (i + 1 < into.length) into[i + 1] = Math.round(radius * Math.sin(angle))
    }
  }

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN

interface Contestant {
  readonly name: string
  readonly run: () => void
}
const race = (contestants: readonly Contestant[], count: number): readonly number[] => {
  const times = contestants.map((): number[] => [])
  for (let sample = -1; sample < count; sample += 1)
    contestants.forEach((_, turn) => {
      const which = (sample + 1 + turn) % contestants.length // nobody is always first
      const start = monotonicMs()
      contestants[which]!.run()
      if (sample >= 0) times[which]!.push(monotonicMs() - start) // the first round warms up
    })
  return times.map(median)
}

const into = new Float64Array(numbers)
const noise: { readonly noise: string; readonly name: string; readonly millionsPerSecond: number; readonly oursIsFaster: number }[] = []
const spread = (value: number): void => {
  const few = into.subarray(0, Math.ceil(numbers / 50)) // the slow ones draw fewer
  const contestants: readonly (Contestant & { readonly count: number })[] = [
    { name: 'exact, WASM', count: numbers, run: () => discreteGaussianNoise(value).draw(into, rng) },
    { name: 'exact, as published', count: few.length, run: () => published(value)(few) },
    { name: 'rounded Box–Muller', count: few.length, run: () => rounded(value)(few) },
  ]
  const rates = race(contestants, samples).map((ms, i) => contestants[i]!.count / ms / 1000)
  contestants.forEach(({ name }, i) =>
    noise.push({ noise: `discrete Gaussian, σ = ${value}`, name, millionsPerSecond: rates[i]!, oursIsFaster: rates[0]! / rates[i]! }),
  )
}
for (const value of [2, 100, 1_000]) spread(value)
const [laplaceMs] = race([{ name: 'laplace', run: () => discreteLaplaceNoise(100).draw(into, rng) }], samples)
noise.push({ noise: 'discrete Laplace, scale = 100', name: 'exact, WASM', millionsPerSecond: numbers / laplaceMs! / 1000, oursIsFaster: 1 })

const step: DpEvent = { kind: 'poissonSampled', probability: 256 / 60_000, event: { kind: 'gaussian', noiseMultiplier: 0.7 } }
const run: DpEvent = { kind: 'repeated', event: step, count: 1645 }
const peer = `
import time, json, dp_accounting as dp
from dp_accounting.rdp import RdpAccountant
from dp_accounting.pld import PLDAccountant
event = dp.SelfComposedDpEvent(dp.PoissonSampledDpEvent(256 / 60000, dp.GaussianDpEvent(0.7)), 1645)
out = {}
for name, make in (('rdp', RdpAccountant), ('pld', PLDAccountant)):
    times = []
    for _ in range(${samples}):
        start = time.perf_counter()
        epsilon = make().compose(event).get_epsilon(1e-5)
        times.append(time.perf_counter() - start)
    out[name] = {'ms': 1000 * sorted(times)[len(times) // 2], 'epsilon': epsilon}
print(json.dumps(out))`
interface Timed {
  readonly ms: number
  readonly epsilon: number
}
const theirs = ((): Readonly<Record<string, Timed>> | undefined => {
  if (python === undefined) return undefined
  const { stdout, status } = spawnSync(python, ['-c', peer], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${python} has no dp-accounting`)
  return JSON.parse(stdout) as Readonly<Record<string, Timed>>
})()
const accounting = [rdp, pld].map((make) => {
  // a fresh accountant each time: it remembers what it has costed
  const [ms] = race([{ name: 'ε', run: () => void make().epsilon(run, 1e-5) }], samples)
  const { name, epsilon } = make()
  return { name, ms: ms!, epsilon: epsilon(run, 1e-5), peer: theirs?.[name] }
})

console.log(`${numbers} numbers, medians of ${samples} samples, Node ${process.version}`)
for (const { noise: kind, name, millionsPerSecond, oursIsFaster } of noise)
  console.log(
    `${kind.padEnd(34)}${name.padEnd(22)}${millionsPerSecond.toFixed(2).padStart(8)} M/s${oursIsFaster === 1 ? '' : `  ours is ${oursIsFaster.toFixed(1)}x as fast`}`,
  )
for (const { name, ms, epsilon, peer: other } of accounting) {
  const ratio =
    other === undefined
      ? ''
      : `; dp-accounting ${other.ms.toFixed(1)} ms, ε = ${other.epsilon.toFixed(6)}: ours is ${(other.ms / ms).toFixed(1)}x as fast`
  console.log(`ε of 1645 steps by ${name}: ${ms.toFixed(1)} ms, ε = ${epsilon.toFixed(6)}${ratio}`)
}
console.log(JSON.stringify({ bench: 'privacy', numbers, samples, node: process.version, noise, accounting }))
