// Logistic regression on real data, cut between two hospitals in two ways: as FATE cuts it (guest: the ten "worst" columns, with which it needs no host), and the other way round,
// where the host's columns matter.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { memoryChannels } from '../../base/index.ts'
import { runSecurely } from '../engines/aby.ts'
import type { Secure } from '../secure.ts'
import { privateAuc } from './evaluation.ts'
import { logistic } from './logistic.ts'
import { factsOf, scaleColumn } from './party-columns.ts'
import { revealScores, scores, trainVertical, type VerticalInput } from './regression.ts'

const records = readFileSync(new URL('../../../data/breast-cancer/breast_cancer.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number))
const labels = records.map((record) => record[30] as number)
const column = (j: number): Float64Array =>
  scaleColumn(
    records.map((record) => record[j] as number),
    'standard',
  )
const columns = (from: number, to: number): readonly Float64Array[] => Array.from({ length: to - from }, (_, k) => column(from + k))

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/** Area under the curve by ranks; ties count half. */
const auc = (values: ArrayLike<number>): number => {
  let sum = 0
  let pairs = 0
  for (let i = 0; i < labels.length; i++)
    for (let j = 0; j < labels.length; j++) {
      if (labels[i] !== 1 || labels[j] !== 0) continue
      const d = (values[i] as number) - (values[j] as number)
      sum += d > 0 ? 1 : d === 0 ? 0.5 : 0
      pairs += 1
    }
  return sum / pairs
}

const settings = { epochs: 12, learningRate: 0.5, l2: 0.01 }

const plain = (all: readonly Float64Array[]): Float64Array => {
  let weights = all.map(() => 0)
  let intercept = 0
  const score = (): Float64Array =>
    Float64Array.from(labels, (_, i) => all.reduce((sum, x, j) => sum + (x[i] as number) * (weights[j] as number), intercept))
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const residual = score().map((z, i) => sigmoid(z) - (labels[i] as number))
    const gradient = all.map(
      (x, j) => residual.reduce((sum, e, i) => sum + e * (x[i] as number), 0) / labels.length + settings.l2 * (weights[j] as number),
    )
    weights = weights.map((w, j) => w - settings.learningRate * (gradient[j] as number))
    intercept -= (settings.learningRate * residual.reduce((sum, e) => sum + e, 0)) / labels.length
  }
  return score()
}

test.each([
  { cut: "FATE's", guest: [20, 30], host: [0, 20] },
  { cut: 'the worst values at the host', guest: [0, 10], host: [10, 30] },
] as const)('logistic regression, $cut cut: probabilities within 0.01, AUC within 0.002', async ({ guest, host }) => {
  const mine = { columns: columns(guest[0], guest[1]), labels }
  const theirs = { columns: columns(host[0], host[1]) }
  const ids = labels.map((_, i) => String(i))
  const bound = Math.max(factsOf(mine.columns, labels, ids).featureBound, factsOf(theirs.columns, undefined, ids).featureBound)
  const spec = {
    rows: labels.length,
    guestColumns: mine.columns.length,
    hostColumns: theirs.columns.length,
    featureBound: bound,
    losses: false,
    ...settings,
  }
  const program = async (
    engine: Secure,
    input: VerticalInput,
  ): Promise<{ readonly shown: Float64Array | undefined; readonly area: number }> => {
    const { model, data } = await trainVertical(engine, spec, logistic, input)
    const area = await privateAuc(engine, await scores(engine, data, model), input.guest?.labels)
    let shown: Float64Array | undefined
    engine.mapHeld(await revealScores(engine, { labelScale: 1 }, logistic, data, model), (values) => (shown = values))
    return { shown, area }
  }
  const [a, b] = memoryChannels()
  const run = { program: 'breast cancer' }
  const [one, other] = await Promise.all([
    runSecurely(a, 'guest', run, program, { guest: mine }),
    runSecurely(b, 'host', run, program, { host: theirs }),
  ])
  const expected = plain([...mine.columns, ...theirs.columns])
  const got = one.result.shown ?? new Float64Array(0)
  expect(other.result.shown).toBeUndefined()
  let most = 0
  expected.forEach((z, i) => {
    most = Math.max(most, Math.abs(sigmoid(z) - sigmoid(got[i] ?? Number.NaN)))
  })
  expect(most).toBeLessThan(0.01)
  expect(Math.abs(auc(got) - auc(expected))).toBeLessThan(0.002)
  expect(auc(got)).toBeGreaterThan(0.98)
  // the same area without a score shown, to both
  expect(Math.abs(one.result.area - auc(got))).toBeLessThan(1e-5)
  expect(other.result.area).toBe(one.result.area)
})
