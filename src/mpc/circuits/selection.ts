// Circuits that choose and order: the place of the largest of several numbers, a sorting network (Batcher 1968, odd-even merge), and division. All are oblivious: their gates do not
// depend on the numbers.
import { type Circuit, circuit, type CircuitBuilder, ONE, type Wire, ZERO } from './circuit.ts'
import { type CircuitShape, differenceWires, lessWire } from './integers.ts'

type Bits = readonly Wire[]

const choose = (g: CircuitBuilder, choice: Wire, a: Bits, b: Bits): Bits => a.map((wire, i) => g.mux(choice, wire, b[i] ?? ZERO))

/** Bits that tell `count` places apart. */
export const placeBits = (count: number): number => Math.max(1, Math.ceil(Math.log2(count)))

/**
 * Inputs: `count` numbers of `width` bits. Outputs: the place of the largest (the first of equal ones), and its value.
 *
 * @example
 * ```ts
 * assert.equal(argmaxCircuit(4, 8, 'small', false).outputs[0]?.length, 2)
 * ```
 */
export const argmaxCircuit = (count: number, width: number, shape: CircuitShape, signed: boolean): Circuit =>
  circuit(
    `argmax of ${count}`,
    Array.from({ length: count }, () => width),
    (g, inputs) => {
      const places = placeBits(count)
      let round = inputs.map((value, k) => ({
        value,
        place: Array.from({ length: places }, (_, b) => ((k >> b) & 1 ? ONE : ZERO)) as Bits,
      }))
      while (round.length > 1)
        round = Array.from({ length: Math.ceil(round.length / 2) }, (_, i) => {
          const [first, second] = [round[2 * i], round[2 * i + 1]]
          if (first === undefined || second === undefined) return first ?? { value: [], place: [] }
          const later = lessWire(g, shape, signed, first.value, second.value)
          return { value: choose(g, later, second.value, first.value), place: choose(g, later, second.place, first.place) }
        })
      return [round[0]?.place ?? [], round[0]?.value ?? []]
    },
  )

/** Pairs (i, j), i < j, of Batcher's odd-even merge sort, in stages: the pairs of one stage have no place in common. */
export const sortStages = (count: number): readonly (readonly (readonly [number, number])[])[] => {
  const stages: (readonly (readonly [number, number])[])[] = []
  for (let p = 1; p < count; p *= 2)
    for (let k = p; k >= 1; k = Math.floor(k / 2)) {
      const pairs: (readonly [number, number])[] = []
      for (let j = k % p; j + k < count; j += 2 * k)
        for (let i = 0; i < Math.min(k, count - j - k); i++)
          if (Math.floor((i + j) / (2 * p)) === Math.floor((i + j + k) / (2 * p))) pairs.push([i + j, i + j + k])
      stages.push(pairs)
    }
  return stages
}

// one AND a bit: swap both with the same difference
const ordered = (g: CircuitBuilder, shape: CircuitShape, signed: boolean, a: Bits, b: Bits): readonly [Bits, Bits] => {
  const wrong = lessWire(g, shape, signed, b, a)
  const difference = a.map((wire, k) => g.and(wrong, g.xor(wire, b[k] ?? ZERO)))
  return [a.map((wire, k) => g.xor(wire, difference[k] ?? ZERO)), b.map((wire, k) => g.xor(wire, difference[k] ?? ZERO))]
}

/** Inputs a and b, outputs the smaller and the larger. */
export const orderCircuit = (width: number, shape: CircuitShape, signed: boolean): Circuit =>
  circuit(`order ${shape} ${signed ? 'signed' : 'unsigned'} ${width}`, [width, width], (g, [a = [], b = []]) =>
    ordered(g, shape, signed, a, b),
  )

/** Inputs and outputs: `count` numbers of `width` bits; the outputs ascend. */
export const sortCircuit = (count: number, width: number, shape: CircuitShape, signed: boolean): Circuit =>
  circuit(
    `sort ${count}`,
    Array.from({ length: count }, () => width),
    (g, inputs) => {
      const list: Bits[] = [...inputs]
      for (const [i, j] of sortStages(count).flat()) [list[i], list[j]] = ordered(g, shape, signed, list[i] ?? [], list[j] ?? [])
      return list
    },
  )

/** Inputs a and b, unsigned; outputs quotient and remainder. Divided by 0: all ones, and a. */
export const divider = (width: number, shape: CircuitShape): Circuit =>
  circuit(`divide ${shape} ${width}`, [width, width], (g, [a = [], b = []]) => {
    let rest: Bits = b.map(() => ZERO)
    const quotient: Wire[] = []
    const wide = [...b, ZERO]
    for (let i = width - 1; i >= 0; i--) {
      const next = [a[i] ?? ZERO, ...rest]
      const fits = g.not(lessWire(g, shape, false, next, wide))
      rest = choose(g, fits, differenceWires(g, shape, next, wide), next).slice(0, width)
      quotient[i] = fits
    }
    return [quotient, rest]
  })
