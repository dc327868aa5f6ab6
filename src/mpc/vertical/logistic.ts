// The logistic function on shares, as a garbled circuit: 32 straight pieces on |x| < 8, symmetric, constant beyond; off by less than 0.001. The circuit reads the lowest 36 bits of
// scores with 24 fraction bits (|x| < 2048) and gives 16 fraction bits. Adversary and leakage: those of the engine; nothing is opened.
import { type Circuit, type CircuitBuilder, circuit, ONE, type Wire, ZERO } from '../circuits/circuit.ts'
import { productWires, sumWires } from '../circuits/integers.ts'
import type { Link } from './link.ts'

const INPUT_BITS = 36
/** Fraction bits that are looked at. */
const FRACTION = 12
const OUTPUT = 16
const SLOPE = 10
/** log2 of the number of pieces, and of the width of one in units of 2^-FRACTION: 32 pieces of 1/4. */
const PIECES = 5
const REST = 10
const SLOPE_BITS = 9

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

// one wire per value of the index bits, exactly one of them set
const decode = (g: CircuitBuilder, index: readonly Wire[]): readonly Wire[] =>
  index.reduce<readonly Wire[]>(
    (wires, bit) => [...wires.map((wire) => g.and(wire, g.not(bit))), ...wires.map((wire) => g.and(wire, bit))],
    [ONE],
  )

// a table of constants: XOR of the wires of those entries that have the bit set, free
const lookUp = (g: CircuitBuilder, chosen: readonly Wire[], table: readonly number[], bits: number): readonly Wire[] =>
  Array.from({ length: bits }, (_, b) => chosen.reduce((sum, wire, k) => (((table[k] ?? 0) >> b) & 1 ? g.xor(sum, wire) : sum), ZERO))

/** Input: 36-bit scores with 24 fraction bits; output: 16 bits, all of them fraction. */
export const sigmoidCircuit: Circuit = circuit('logistic', [INPUT_BITS], (g, [wires = []]) => {
  const x = wires.slice(24 - FRACTION)
  const negative = x.at(-1) ?? ZERO
  // one unit of 2^-12 too small for negative numbers: no adder
  const size = x.slice(0, -1).map((wire) => g.xor(wire, negative))
  const beyond = size.slice(REST + PIECES).reduce((any, wire) => g.or(any, wire), ZERO)
  const chosen = decode(g, size.slice(REST, REST + PIECES))
  const width = 2 ** (REST - FRACTION)
  const pieces = Array.from({ length: 2 ** PIECES }, (_, k) => {
    const [from, to] = [sigmoid(k * width), sigmoid((k + 1) * width)]
    // the chord lies below the arc: half of the largest gap above it halves the error
    const gap = (sigmoid((k + 0.5) * width) - (from + to) / 2) / 2
    return { start: Math.round((from + gap) * 2 ** OUTPUT), slope: Math.round(((to - from) / width) * 2 ** SLOPE) }
  })
  const start = lookUp(
    g,
    chosen,
    pieces.map((piece) => piece.start),
    OUTPUT,
  )
  const slope = lookUp(
    g,
    chosen,
    pieces.map((piece) => piece.slope),
    SLOPE_BITS,
  )
  const padded = (list: readonly Wire[]): readonly Wire[] => Array.from({ length: REST + SLOPE_BITS }, (_, i) => list[i] ?? ZERO)
  const rise = productWires(g, 'small', padded(size.slice(0, REST)), padded(slope)).slice(FRACTION + SLOPE - OUTPUT)
  const value = sumWires(
    g,
    'small',
    start,
    Array.from({ length: OUTPUT }, (_, i) => rise[i] ?? ZERO),
  )
  // 1 - y is the complement, to a unit of 2^-16
  return [value.map((wire) => g.xor(g.or(wire, beyond), negative))]
})

/** Logistic regression. Its loss stays unknown: it would need a logarithm on shares. */
export const logistic: Link = {
  name: 'logistic',
  loss: 'none',
  apply: async (engine, scores, fraction) => {
    const [value] = await engine.circuit(sigmoidCircuit, [await engine.toYao(scores, INPUT_BITS)])
    return engine.scale(await engine.toArithmetic(value as NonNullable<typeof value>), 1n << BigInt(fraction - OUTPUT))
  },
}
