// Ring sums and the lift from float32 to fixed point, against plain loops in the same process. Run: node bench/algebra.ts [elements] [samples]
// Every sample runs each contestant once, in turn, so that a busy machine slows all alike; medians are reported. Results are compared bit for bit first.
import { fixedPoint, ring32, ring64 } from '../src/algebra/index.ts'
import { monotonicMs, seed } from '../src/base/index.ts'

const elements = Number(process.argv[2] ?? 1_000_000)
const samples = Number(process.argv[3] ?? 101)

interface Contestant {
  readonly name: string
  readonly run: () => ArrayLike<number | bigint>
}

interface Match {
  readonly name: string
  readonly ours: Contestant
  readonly peers: readonly Contestant[]
}

const { uint32, uniform } = seed('bench').random()
const words = (count: number): Uint32Array => Uint32Array.from({ length: count }, uint32)
const floats = Float32Array.from({ length: elements }, () => 8 * uniform() - 4)

const addMatch32 = (): Match => {
  const [total, peer, x] = [new Uint32Array(elements), new Uint32Array(elements), words(elements)]
  return {
    name: 'ring32 add',
    ours: { name: 'ring32.add', run: () => ring32.add(total, x) },
    peers: [
      {
        name: 'Uint32Array loop',
        run: () => {
          for (let i = 0; i < peer.length; i += 1) peer[i] = peer[i]! + x[i]!
          return peer
        },
      },
    ],
  }
}

const addMatch64 = (): Match => {
  const x = new BigUint64Array(words(2 * elements).buffer)
  const halves = new Uint32Array(x.buffer)
  const [total, peer, split] = [new BigUint64Array(elements), new BigUint64Array(elements), new BigUint64Array(elements)]
  const limbs = new Uint32Array(split.buffer)
  return {
    name: 'ring64 add',
    ours: { name: 'ring64.add', run: () => ring64.add(total, x) },
    peers: [
      {
        name: 'BigUint64Array loop',
        run: () => {
          for (let i = 0; i < peer.length; i += 1) peer[i] = peer[i]! + x[i]!
          return peer
        },
      },
      {
        name: 'two Uint32 halves',
        run: () => {
          for (let i = 0; i < limbs.length; i += 2) {
            const low = limbs[i]! + halves[i]!
            limbs[i] = low
            limbs[i + 1] = limbs[i + 1]! + halves[i + 1]! + (low > 0xffff_ffff ? 1 : 0)
          }
          return split
        },
      },
    ],
  }
}

// The peers do all that a lift does: allocate the result, refuse what is beyond the bound, round ties to even, weigh.
const MAGIC = 1.5 * 2 ** 52
const liftMatch32 = (): Match => {
  const fixed = fixedPoint({ bits: 32, maxAbs: 4, maxWeight: 100 })
  const scale = 2 ** fixed.fractionBits
  return {
    name: 'lift float32 → ring32',
    ours: { name: 'fixedPoint.lift', run: () => fixed.lift(floats, 7) },
    peers: [
      {
        name: 'Math.imul loop',
        run: () => {
          const lifted = new Uint32Array(floats.length)
          for (let i = 0; i < floats.length; i += 1) {
            const x = floats[i]!
            if (!(Math.abs(x) <= 4)) throw new RangeError(`element ${i}`)
            lifted[i] = Math.imul(x * scale + MAGIC - MAGIC, 7)
          }
          return lifted
        },
      },
    ],
  }
}

const liftMatch64 = (): Match => {
  const fixed = fixedPoint({ bits: 64, maxAbs: 4, maxWeight: 100 })
  const scale = 2 ** fixed.fractionBits
  return {
    name: 'lift float32 → ring64',
    ours: { name: 'fixedPoint.lift', run: () => fixed.lift(floats, 7) },
    peers: [
      {
        name: 'BigInt loop',
        run: () => {
          const lifted = new BigUint64Array(floats.length)
          for (let i = 0; i < floats.length; i += 1) {
            const x = floats[i]!
            if (!(Math.abs(x) <= 4)) throw new RangeError(`element ${i}`)
            lifted[i] = BigInt.asUintN(64, BigInt(x * scale + MAGIC - MAGIC) * 7n)
          }
          return lifted
        },
      },
      {
        name: 'two Uint32 halves',
        run: () => {
          const lifted = new BigUint64Array(floats.length)
          const limbs = new Uint32Array(lifted.buffer)
          for (let i = 0; i < floats.length; i += 1) {
            const x = floats[i]!
            if (!(Math.abs(x) <= 4)) throw new RangeError(`element ${i}`)
            // weight and integer together stay below 2^53 only for small weights: 24 bits of float32 leave room for 7
            const weighted = (x * scale + MAGIC - MAGIC) * 7
            limbs[2 * i] = weighted
            limbs[2 * i + 1] = Math.floor(weighted / 2 ** 32)
          }
          return lifted
        },
      },
    ],
  }
}

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN

const timed = (contestant: Contestant): number => {
  const start = monotonicMs()
  contestant.run()
  return monotonicMs() - start
}

const results: { match: string; name: string; nsPerElement: number; timesFaster: number }[] = []
for (const { name, ours, peers } of [addMatch32(), addMatch64(), liftMatch32(), liftMatch64()]) {
  const contestants = [ours, ...peers]
  const expected = ours.run()
  for (const peer of peers) {
    const got = peer.run()
    for (let i = 0; i < elements; i += 1)
      if (got[i] !== expected[i]) throw new Error(`${name}: ${peer.name} differs from ${ours.name} at ${i}`)
  }
  const times = contestants.map((): number[] => [])
  for (let sample = 0; sample < samples; sample += 1)
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const which = (sample + turn) % contestants.length // nobody is always first
      times[which]!.push(timed(contestants[which]!))
    }
  const nanoseconds = times.map((each) => (median(each) * 1e6) / elements)
  contestants.forEach((contestant, i) => {
    results.push({ match: name, name: contestant.name, nsPerElement: nanoseconds[i]!, timesFaster: nanoseconds[i]! / nanoseconds[0]! })
  })
}

console.log(`${elements} elements, medians of ${samples} samples, Node ${process.version}`)
for (const { match, name, nsPerElement, timesFaster } of results)
  console.log(
    `${match.padEnd(24)}${name.padEnd(22)}${nsPerElement.toFixed(2).padStart(7)} ns/element${timesFaster === 1 ? '' : `  ours is ${timesFaster.toFixed(2)}x as fast`}`,
  )
console.log(JSON.stringify({ bench: 'algebra', elements, samples, node: process.version, results }))
