// How good a vertical model is, without showing a score to anybody: the root of the mean squared error by products of shared residuals, the area under the ROC curve by sorting shared
// scores together with the labels in garbled circuits. Adversary: semi-honest. What leaks: the measure, to both; the number of rows. The guest could compute from the area how many pairs
// of rows are in order: that is what an area is.
import { YimengError } from '../../base/index.ts'
import { powerOfTwo } from '../arithmetic/truncate.ts'
import { fixedPoint, realNumbers } from '../arithmetic/words.ts'
import { type Circuit, circuit, type Wire, ZERO } from '../circuits/circuit.ts'
import { equalWire, sumWires } from '../circuits/integers.ts'
import { placeBits } from '../circuits/selection.ts'
import { sorted } from '../operations.ts'
import type { Secure, Shared } from '../secure.ts'
import type { Link } from './link.ts'
import { SCORE, sharedLabels, type VerticalSpec } from './regression.ts'

/** The guest's labels; undefined elsewhere. */
export type Labels = ArrayLike<number> | undefined

/** Root of the mean squared difference of predictions and labels, in the units of the labels, to both. Residuals must stay below twice the label scale. */
export const privateRmse = async (
  engine: Secure,
  { rows, labelScale = 1 }: Pick<VerticalSpec, 'rows' | 'labelScale'>,
  link: Link,
  scores: Shared<'arithmetic'>,
  labels: Labels,
): Promise<number> => {
  const predicted = await link.apply(engine, scores, SCORE, labelScale)
  const residual = engine.subtract(predicted, sharedLabels(engine, { rows, labelScale }, labels))
  // the sum of rows squares, each below 4, stays below 2^62
  const fraction = Math.min(20, Math.floor((60 - placeBits(rows)) / 2))
  const short = await engine.truncate(residual, powerOfTwo(SCORE - fraction), 'exact')
  const [sum = 0] = realNumbers(await engine.open(engine.sum(await engine.multiply(short, short))), 2 * fraction)
  return Math.sqrt(sum / rows) * labelScale
}

/** Bits of a score that are compared: |score| < 2048, 16 fraction bits. Finer differences are rounding of shares. */
const SCORE_BITS = 36
const DROPPED = 8
const KEY_BITS = SCORE_BITS - DROPPED

// the label below the score: among equal scores negatives come first
const keyCircuit: Circuit = circuit('score and label', [SCORE_BITS, 1], (_, [score = [], label = []]) => [
  [...label, ...score.slice(DROPPED)],
])
const labelCircuit: Circuit = circuit('label', [KEY_BITS + 1], (_, [key = []]) => [key.slice(0, 1)])

// whether the score is that of the row before, in front of the number of negatives before
const groupCircuit = (bits: number): Circuit =>
  circuit(`group of ${bits}`, [KEY_BITS + 1, KEY_BITS + 1, bits], (g, [key = [], before = [], count = []]) => [
    [equalWire(g, key.slice(1), before.slice(1)), ...count],
  ])

// of two adjacent stretches of rows: all one group? then the count at the start of the earlier one
const stretchCircuit = (bits: number): Circuit =>
  circuit(`stretch of ${bits}`, [bits + 1, bits + 1], (g, [late = [], early = []]) => {
    const [same = ZERO, ...count] = late
    const [sameBefore = ZERO, ...countBefore] = early
    return [[g.and(same, sameBefore), ...count.map((wire, i): Wire => g.mux(same, countBefore[i] ?? ZERO, wire))]]
  })

// at a positive: negatives with a score of at most its own, and those with a smaller one
const winsCircuit = (bits: number): Circuit =>
  circuit(`wins of ${bits}`, [KEY_BITS + 1, bits, bits + 1], (g, [key = [], upTo = [], group = []]) => [
    sumWires(g, 'small', [...upTo, ZERO], [...group.slice(1), ZERO]).map((wire) => g.and(wire, key[0] ?? ZERO)),
  ])

const one = async (engine: Secure, made: Circuit, inputs: readonly Shared<'yao'>[]): Promise<Shared<'yao'>> =>
  (await engine.circuit(made, inputs))[0] as Shared<'yao'>

const count = (from: number, to: number): readonly number[] => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

/**
 * Area under the ROC curve of shared scores for labels 0 and 1 of the guest, to both; scores that differ by less than 2^-16 count as equal (one half).
 *
 * @throws YimengError `vertical-classes` at the guest unless both labels occur.
 */
export const privateAuc = async (engine: Secure, scores: Shared<'arithmetic'>, labels: Labels): Promise<number> => {
  const rows = scores.length
  const positives = engine.held('guest', () => {
    const all = Array.from(labels ?? [])
    const found = all.filter((y) => y === 1).length
    if (found === 0 || found === rows || all.some((y) => y !== 0 && y !== 1))
      throw new YimengError({ code: 'vertical-classes', cannot: 'compute area', expected: 'labels 0 and 1, both of them', got: 'others' })
    return BigUint64Array.from(all, BigInt)
  })
  const label = await engine.shareLabels(positives, rows, 1)
  const keys = await sorted(engine, await one(engine, keyCircuit, [await engine.toYao(scores, SCORE_BITS), label]), { signed: true })
  // negatives before each row: 0 - y + 1 summed over the rows before
  const y = await engine.toArithmetic(await one(engine, labelCircuit, [keys]))
  const negatives = engine.subtract(engine.constant(new BigUint64Array(rows).fill(1n)), y)
  let total = engine.constant(new BigUint64Array(1))
  const before: Shared<'arithmetic'>[] = []
  for (const row of count(0, rows)) {
    before.push(total)
    total = engine.add(total, engine.slice(negatives, row, row + 1))
  }
  const bits = placeBits(rows + 1)
  const upTo = await engine.toYao(engine.concat(before), bits)
  const earlier = engine.gather([keys], [0, ...count(0, rows - 1)])
  // the count at the start of each group of equal scores, by doubling stretches
  let groups = await one(engine, groupCircuit(bits), [keys, earlier, upTo])
  for (let span = 1; span < rows; span *= 2) {
    const late = engine.gather([groups], count(span, rows))
    const joined = await one(engine, stretchCircuit(bits), [late, engine.gather([groups], count(0, rows - span))])
    groups = engine.gather([groups, joined], [...count(0, span), ...count(rows, 2 * rows - span)])
  }
  const wins = await engine.toArithmetic(await one(engine, winsCircuit(bits), [keys, upTo, groups]))
  const twice = await engine.reveal(engine.sum(wins), 'guest')
  // the host learns the area, not the numbers of positives and negatives
  const area = engine.mapHeld(twice, ([sum = 0n]) => {
    const found = Array.from(labels ?? []).filter((value) => value === 1).length
    return fixedPoint([Number(sum) / (2 * found * (rows - found))], 40)
  })
  return realNumbers(await engine.open(engine.share(area, 1)), 40)[0] ?? 0
}
