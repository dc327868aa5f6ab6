// The logistic function on shares, as a garbled circuit: 32 straight pieces on |x| < 8, symmetric, constant beyond; off by less than 0.001. The circuit reads the lowest 36 bits of
// scores with 24 fraction bits (|x| < 2048) and gives 16 fraction bits. Adversary and leakage: those of the engine; nothing is opened.
import { type Circuit, circuit, ZERO } from '../circuits/circuit.ts'
import { straightPieces } from '../circuits/pieces.ts'
import type { Link } from './link.ts'

const INPUT_BITS = 36
/** Fraction bits that are looked at. */
const FRACTION = 12
const OUTPUT = 16
/** 32 pieces of 1/4. */
const PIECE_BITS = 5
const REST_BITS = 10

/** Input: 36-bit scores with 24 fraction bits; output: 16 bits, all of them fraction. */
export const sigmoidCircuit: Circuit = circuit('logistic', [INPUT_BITS], (g, [wires = []]) => {
  const x = wires.slice(24 - FRACTION)
  const negative = x.at(-1) ?? ZERO
  // one unit of 2^-12 too small for negative numbers: no adder
  const size = x.slice(0, -1).map((wire) => g.xor(wire, negative))
  const beyond = size.slice(REST_BITS + PIECE_BITS).reduce((any, wire) => g.or(any, wire), ZERO)
  const value = straightPieces(g, size.slice(0, REST_BITS + PIECE_BITS), {
    of: (z) => 1 / (1 + Math.exp(-z)),
    fraction: FRACTION,
    restBits: REST_BITS,
    outputFraction: OUTPUT,
    outputBits: OUTPUT,
    slopeBits: 9,
  })
  // 1 - y is the complement, to a unit of 2^-16
  return [value.map((wire) => g.xor(g.or(wire, beyond), negative))]
})

/** Logistic regression. Labels are 0 and 1. Its loss stays unknown: it would need a logarithm on shares. */
export const logistic: Link = {
  name: 'logistic',
  loss: 'none',
  scoresInLabelUnits: false,
  apply: async (engine, scores, fraction) => {
    const [value] = await engine.circuit(sigmoidCircuit, [await engine.toYao(scores, INPUT_BITS)])
    return engine.scale(await engine.toArithmetic(value as NonNullable<typeof value>), 1n << BigInt(fraction - OUTPUT))
  },
}
