// Functions of one secret number as straight pieces: tables of constants chosen by secret index bits, and a product with the rest. Tables are free (XOR), choosing costs one AND a piece.
import { type CircuitBuilder, ONE, type Wire, ZERO } from './circuit.ts'
import { productWires, sumWires } from './integers.ts'

/** One wire for each value of the index bits (lowest first), exactly one of them set. */
export const decode = (g: CircuitBuilder, index: readonly Wire[]): readonly Wire[] =>
  index.reduce<readonly Wire[]>(
    (wires, bit) => [...wires.map((wire) => g.and(wire, g.not(bit))), ...wires.map((wire) => g.and(wire, bit))],
    [ONE],
  )

/** The table's entry that `chosen` marks: for each bit the XOR of the wires of the entries that have it. */
export const lookUp = (g: CircuitBuilder, chosen: readonly Wire[], table: readonly number[], bits: number): readonly Wire[] =>
  Array.from({ length: bits }, (_, b) => chosen.reduce((sum, wire, k) => (((table[k] ?? 0) >> b) & 1 ? g.xor(sum, wire) : sum), ZERO))

/** Where and how straight pieces are cut. */
export interface Pieces {
  /** The function on [0, 2^(index bits) * width). */
  readonly of: (x: number) => number
  /** Fraction bits of the input; its lowest `restBits` bits are the place within a piece, the others choose the piece. */
  readonly fraction: number
  readonly restBits: number
  /** Fraction bits of the result, and its bits in all. */
  readonly outputFraction: number
  readonly outputBits: number
  readonly slopeBits: number
}

const SLOPE_FRACTION = 10

/** The piecewise-straight function of a number whose bits are `x`. Each piece is a chord, moved by half of its largest gap. */
export const straightPieces = (
  g: CircuitBuilder,
  x: readonly Wire[],
  { of, fraction, restBits, outputFraction, outputBits, slopeBits }: Pieces,
): readonly Wire[] => {
  const chosen = decode(g, x.slice(restBits))
  const width = 2 ** (restBits - fraction)
  const pieces = chosen.map((_, k) => {
    const [from, to] = [of(k * width), of((k + 1) * width)]
    const gap = (of((k + 0.5) * width) - (from + to) / 2) / 2
    return {
      start: Math.max(0, Math.round((from + gap) * 2 ** outputFraction)),
      slope: Math.round(((to - from) / width) * 2 ** SLOPE_FRACTION),
    }
  })
  const starts = pieces.map(({ start }) => start)
  const slopes = pieces.map(({ slope }) => slope)
  const padded = (list: readonly Wire[]): readonly Wire[] => Array.from({ length: restBits + slopeBits }, (_, i) => list[i] ?? ZERO)
  const rise = productWires(g, 'small', padded(x.slice(0, restBits)), padded(lookUp(g, chosen, slopes, slopeBits))).slice(
    fraction + SLOPE_FRACTION - outputFraction,
  )
  return sumWires(
    g,
    'small',
    lookUp(g, chosen, starts, outputBits),
    Array.from({ length: outputBits }, (_, i) => rise[i] ?? ZERO),
  )
}
