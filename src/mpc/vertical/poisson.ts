// The exponential function on shares, for counts: 2^t by a table of 32 straight pieces for the fraction of t and a shift by its whole part, as a garbled circuit. The result is
// relative to the label scale S, so t = x log2(e) - log2(S); it is 0 below 2^-16 S and stops at 2 S. Off by less than 0.05 % of the result and 2^-24 S.
// Adversary and leakage: those of the engine; nothing is opened.
import { words } from '../arithmetic/words.ts'
import { type Circuit, circuit, ONE, type Wire, ZERO } from '../circuits/circuit.ts'
import { sumWires } from '../circuits/integers.ts'
import { straightPieces } from '../circuits/pieces.ts'
import type { Link } from './link.ts'

/** t has 38 fraction bits, of which 12 are looked at; |t| < 512. */
const INPUT_BITS = 48
const INPUT_FRACTION = 38
const FRACTION = 12
const OUTPUT_BITS = 25
const MANTISSA = 16
/** Results below 2^-LOWEST count as zero. */
const LOWEST = 16

/** Input: 48 bits of t with 38 fraction bits; output: 25 bits of 2^t with 24 fraction bits. */
export const powerCircuit: Circuit = circuit('power of two', [INPUT_BITS], (g, [wires = []]) => {
  const t = wires.slice(INPUT_FRACTION - FRACTION)
  const whole = t.slice(FRACTION)
  // t + 16: from here on whole parts from 0 to 16 count
  const raised = sumWires(
    g,
    'small',
    whole,
    whole.map((_, i) => (i === 4 ? ONE : ZERO)),
  )
  const below = raised.at(-1) ?? ZERO
  const any = (list: readonly Wire[]): Wire => list.reduce((sum, wire) => g.or(sum, wire), ZERO)
  const above = g.and(g.not(below), g.or(any(raised.slice(5, -1)), g.and(raised[4] ?? ZERO, any(raised.slice(0, 4)))))
  const shift = raised.slice(0, 5).map((wire, i) => (i === 4 ? g.or(wire, above) : g.and(wire, g.not(above))))
  const fraction = straightPieces(g, t.slice(0, FRACTION), {
    of: (x) => Math.min(2 ** x - 1, 1 - 2 ** -12),
    fraction: FRACTION,
    restBits: 7,
    outputFraction: MANTISSA,
    outputBits: MANTISSA,
    slopeBits: 11,
  })
  // 2^-32 at place 0: the mantissa 1.f times 2^-16, moved left by 0 to 16 places
  const start = [...fraction.map((wire) => g.or(wire, above)), ONE]
  const places = 2 * LOWEST + 1
  const moved = shift.reduce<readonly Wire[]>(
    (list, wire, i) => Array.from({ length: places }, (_, at) => g.mux(wire, list[at - 2 ** i] ?? ZERO, list[at] ?? ZERO)),
    Array.from({ length: places }, (_, at) => start[at] ?? ZERO),
  )
  return [moved.slice(places - OUTPUT_BITS).map((wire) => g.and(wire, g.not(below)))]
})

const LOG2_E = BigInt(Math.round(Math.LOG2E * 2 ** (INPUT_FRACTION - 24)))

/** Poisson regression: the mean is e^score. Its loss stays unknown. */
export const poisson: Link = {
  name: 'poisson',
  loss: 'none',
  scoresInLabelUnits: false,
  apply: async (engine, scores, fraction, labelScale) => {
    const shift = BigInt(Math.round(-Math.log2(labelScale) * 2 ** INPUT_FRACTION))
    const t = engine.add(engine.scale(scores, LOG2_E), engine.constant(words(Array.from({ length: scores.length }, () => shift))))
    const [value] = await engine.circuit(powerCircuit, [await engine.toYao(t, INPUT_BITS)])
    return engine.scale(await engine.toArithmetic(value as NonNullable<typeof value>), 1n << BigInt(fraction - 24))
  },
}
