import { expect, test } from 'vitest'
import { memoryChannels, seed } from '../../base/index.ts'
import { fixedPoint } from '../arithmetic/words.ts'
import { runSecurely } from '../engines/aby.ts'
import { costOf } from '../engines/cost.ts'
import { plainEngine } from '../engines/plain.ts'
import type { SecureProgram } from '../secure.ts'
import { privateAuc, privateRmse } from './evaluation.ts'
import { identity } from './link.ts'
import { poisson } from './poisson.ts'

interface Input {
  readonly scores: readonly number[]
  readonly labels?: readonly number[]
}

const bothSides = async (program: SecureProgram<Input, number>, { scores, labels }: Required<Input>): Promise<number> => {
  const [a, b] = memoryChannels()
  const run = { program: 'evaluate', timeoutMs: 60_000 }
  const [guest, host] = await Promise.all([
    runSecurely(a, 'guest', run, program, { scores, labels }),
    runSecurely(b, 'host', run, program, { scores }),
  ])
  const cost = await costOf(program, { scores })
  expect({ guest: guest.traffic, host: host.traffic }).toEqual({ guest: cost.guest, host: cost.host })
  expect(host.result).toBe(guest.result)
  return guest.result
}

// the scores stand for shares that nobody knows: the host's program brings them, the labels are the guest's
const shares = (scores: readonly number[]) => fixedPoint(scores, 24)
const auc: SecureProgram<Input, number> = (engine, { scores, labels }) =>
  privateAuc(
    engine,
    engine.share(
      engine.held('host', () => shares(scores)),
      scores.length,
    ),
    labels,
  )

/** By all pairs of a positive and a negative. */
const pairwise = (scores: readonly number[], labels: readonly number[]): number => {
  let [wins, pairs] = [0, 0]
  labels.forEach((y, i) =>
    labels.forEach((z, j) => {
      if (y !== 1 || z !== 0) return
      pairs += 1
      const difference = Math.floor((scores[i] as number) * 2 ** 16) - Math.floor((scores[j] as number) * 2 ** 16)
      wins += difference > 0 ? 1 : difference === 0 ? 0.5 : 0
    }),
  )
  return wins / pairs
}

test('the area under the curve on shares is that of all pairs, with ties and without', async () => {
  const random = seed(21).random()
  for (const [rows, steps] of [
    [2, 4],
    [33, 8],
    [150, 20],
    [120, 1e6],
  ] as const) {
    const scores = Array.from({ length: rows }, () => (Math.floor(random.normal() * steps) / steps) * 3)
    const labels = scores.map((z, i) => (i === 0 ? 1 : i === 1 ? 0 : Number(random.uniform() < 1 / (1 + Math.exp(-z)))))
    const expected = pairwise(scores, labels)
    expect(Math.abs((await bothSides(auc, { scores, labels })) - expected)).toBeLessThan(1e-9)
    expect(Math.abs((await auc(plainEngine(), { scores, labels })) - expected)).toBeLessThan(1e-9)
  }
})

test('extremes: all in order, all reversed, all equal; labels of one kind are refused', async () => {
  const labels = [0, 0, 1, 1, 1]
  for (const [scores, expected] of [
    [[-2000, -1, 0, 5, 2000], 1],
    [[9, 8, 7, 6, 5], 0],
    [[3, 3, 3, 3, 3], 0.5],
  ] as const)
    expect(await auc(plainEngine(), { scores, labels })).toBeCloseTo(expected, 10)
  await expect(auc(plainEngine(), { scores: [1, 2], labels: [1, 1] })).rejects.toMatchObject({ code: 'vertical-classes' })
})

test('the root of the mean squared error on shares', async () => {
  const random = seed(22).random()
  const rows = 200
  const labelScale = 64
  const labels = Array.from({ length: rows }, () => Math.round(random.uniform() * 60))
  const guesses = labels.map((y) => y + random.normal() * 5)
  const rmse = Math.sqrt(labels.reduce((sum, y, i) => sum + (y - (guesses[i] as number)) ** 2, 0) / rows)
  for (const [link, scores] of [
    [identity, guesses.map((y) => y / labelScale)],
    [poisson, guesses.map((y) => Math.log(Math.max(y, 0.01)))],
  ] as const) {
    const program: SecureProgram<Input, number> = (engine, input) =>
      privateRmse(
        engine,
        { rows, labelScale },
        link,
        engine.share(
          engine.held('host', () => shares(input.scores)),
          rows,
        ),
        input.labels,
      )
    expect(Math.abs((await bothSides(program, { scores, labels })) / rmse - 1)).toBeLessThan(link === identity ? 1e-5 : 0.02)
  }
})
