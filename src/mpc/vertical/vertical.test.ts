import { expect, test } from 'vitest'
import { memoryChannels, seed } from '../../base/index.ts'
import { realNumbers } from '../arithmetic/words.ts'
import { evaluatePlain } from '../boolean/gmw.ts'
import { type Planes, planesOfWords, wordsOfPlanes } from '../boolean/planes.ts'
import { runSecurely } from '../engines/aby.ts'
import { costOf } from '../engines/cost.ts'
import { plainEngine } from '../engines/plain.ts'
import type { Secure } from '../secure.ts'
import { identity, type Link } from './link.ts'
import { logistic, sigmoidCircuit } from './logistic.ts'
import { poisson, powerCircuit } from './poisson.ts'
import { exchangeFacts, factsOf, scaleColumn } from './party-columns.ts'
import { revealModel, revealScores, trainVertical, type VerticalInput, type VerticalSpec } from './regression.ts'

// FATE's list for its own SSHE linear regression on this data (published history, 20 epochs)
const FATE_LAST = 68167.14735
// the optimum of the same objective, by solving the normal equations
const OPTIMUM = 57581.4057

const rows = 1000
const column = (from: number): Float64Array =>
  scaleColumn(
    Array.from({ length: rows }, (_, i) => from + i),
    'min-max',
  )
const labels = Float64Array.from({ length: rows }, (_, i) => 4010 + 6 * i)
const linearInput = { guest: { columns: [column(2001)], labels }, host: { columns: [column(1001), column(1)] } }
const linearSpec: VerticalSpec = {
  rows,
  guestColumns: 1,
  hostColumns: 2,
  labelScale: 16_384,
  epochs: 20,
  learningRate: 0.15,
  l2: 0.01,
  losses: true,
}

interface Fitted {
  readonly losses: readonly number[]
  readonly weights: readonly number[]
  readonly intercept: number
  readonly scores: Float64Array
}

/** The same training in ordinary numbers. */
const reference = (spec: VerticalSpec, input: Required<VerticalInput>, mean: (score: number) => number): Fitted => {
  const columns = [...input.guest.columns, ...input.host.columns]
  const y = input.guest.labels
  let weights = columns.map(() => 0)
  let intercept = 0
  const losses: number[] = []
  const score = (): Float64Array =>
    Float64Array.from(y, (_, i) => columns.reduce((sum, x, j) => sum + (x[i] as number) * (weights[j] as number), intercept))
  for (let epoch = 0; epoch < spec.epochs; epoch++) {
    const residual = score().map((z, i) => mean(z) - (y[i] as number))
    losses.push(residual.reduce((sum, e) => sum + e * e, 0) / (2 * spec.rows) + (spec.l2 / 2) * weights.reduce((sum, w) => sum + w * w, 0))
    const gradient = columns.map(
      (x, j) => residual.reduce((sum, e, i) => sum + e * (x[i] as number), 0) / spec.rows + spec.l2 * (weights[j] as number),
    )
    weights = weights.map((w, j) => w - spec.learningRate * (gradient[j] as number))
    intercept -= (spec.learningRate * residual.reduce((sum, e) => sum + e, 0)) / spec.rows
  }
  return { losses, weights, intercept, scores: score() }
}

const program = (spec: VerticalSpec, link: Link) => async (engine: Secure, input: VerticalInput) => {
  const { model, losses, data } = await trainVertical(engine, spec, link, input)
  const weights = await revealModel(engine, spec, link, model)
  const scores = await revealScores(engine, spec, link, data, model)
  const shown: { guest?: readonly number[]; host?: readonly number[]; scores?: Float64Array } = {}
  engine.mapHeld(weights.guest, (values) => (shown.guest = [...values]))
  engine.mapHeld(weights.host, (values) => (shown.host = [...values]))
  engine.mapHeld(scores, (values) => (shown.scores = values))
  return { losses, ...shown }
}

const bothSides = async (spec: VerticalSpec, link: Link, input: Required<VerticalInput>) => {
  const [a, b] = memoryChannels()
  const run = { program: JSON.stringify(spec) }
  const [guest, host] = await Promise.all([
    runSecurely(a, 'guest', run, program(spec, link), { guest: input.guest }),
    runSecurely(b, 'host', run, program(spec, link), { host: input.host }),
  ])
  return { guest, host }
}

const worst = (got: readonly number[], expected: readonly number[]): number =>
  expected.reduce((most, value, i) => Math.max(most, Math.abs((got[i] ?? Number.NaN) / value - 1)), 0)

test("linear regression on shares gives FATE's twenty losses, and nobody sees the other's weights", async () => {
  const expected = reference(linearSpec, linearInput, (z) => z)
  expect(expected.losses.at(-1)).toBeCloseTo(FATE_LAST, 4)
  const { guest, host } = await bothSides(linearSpec, identity, linearInput)
  expect(guest.result.losses).toHaveLength(20)
  // the target is 3e-4; exact truncation does better
  expect(worst(guest.result.losses, expected.losses)).toBeLessThan(1e-5)
  expect(host.result.losses).toEqual(guest.result.losses)
  expect(worst(guest.result.guest ?? [], [expected.weights[0] as number, expected.intercept])).toBeLessThan(1e-5)
  expect(worst(host.result.host ?? [], expected.weights.slice(1))).toBeLessThan(1e-5)
  expect(worst([...(guest.result.scores ?? [])], [...expected.scores])).toBeLessThan(1e-5)
  expect([guest.result.host, host.result.guest, host.result.scores]).toEqual([undefined, undefined, undefined])
  const cost = await costOf(program(linearSpec, identity), {})
  expect({ guest: guest.traffic, host: host.traffic }).toEqual({ guest: cost.guest, host: cost.host })
})

test('the plain engine gives the same', async () => {
  const got = await program(linearSpec, identity)(plainEngine(), linearInput)
  expect(worst(got.losses, reference(linearSpec, linearInput, (z) => z).losses)).toBeLessThan(1e-5)
})

test('many epochs reach the optimum', async () => {
  const { guest } = await bothSides({ ...linearSpec, epochs: 100, learningRate: 0.5 }, identity, linearInput)
  // the target is 1e-3
  expect(Math.abs((guest.result.losses.at(-1) as number) / OPTIMUM - 1)).toBeLessThan(1e-5)
})

test('early stopping opens each loss as it comes and stops both sides at the same epoch', async () => {
  const spec = { ...linearSpec, epochs: 60, stopBelow: 0.05 }
  const expected = reference(spec, linearInput, (z) => z).losses
  const stop = expected.findIndex((loss, k) => k > 0 && (expected[k - 1] as number) - loss < 0.05 * (expected[k - 1] as number))
  const { guest, host } = await bothSides(spec, identity, linearInput)
  expect(guest.result.losses).toHaveLength(stop + 1)
  expect(worst(guest.result.losses, expected.slice(0, stop + 1))).toBeLessThan(1e-5)
  expect(host.result.losses).toEqual(guest.result.losses)
})

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

test('the logistic circuit is off by less than 0.001 everywhere', () => {
  const n = 4096
  const inputs = BigUint64Array.from({ length: n }, (_, i) => BigInt.asUintN(36, BigInt(Math.round(((i - n / 2) / n) * 2 * 12 * 2 ** 24))))
  const far = BigUint64Array.of(0n, 2n ** 35n - 1n, 2n ** 35n)
  for (const list of [inputs, far]) {
    const [out] = evaluatePlain(sigmoidCircuit, [planesOfWords(list, 36)], list.length)
    const values = realNumbers(wordsOfPlanes(out as Planes), 16)
    list.forEach((x, i) => {
      expect(Math.abs((values[i] as number) - sigmoid(Number(BigInt.asIntN(36, x)) / 2 ** 24))).toBeLessThan(0.001)
    })
  }
})

test('logistic regression on shares: probabilities within 0.01 of the plain ones', async () => {
  const random = seed(11).random()
  const n = 120
  const columns = Array.from({ length: 4 }, () => Float64Array.from({ length: n }, () => random.normal()))
  const truth = [1.5, -2, 0.5, 1]
  const y = Float64Array.from({ length: n }, (_, i) =>
    random.uniform() < sigmoid(truth.reduce((sum, w, j) => sum + w * (columns[j]?.[i] ?? 0), 0.3)) ? 1 : 0,
  )
  const input = { guest: { columns: columns.slice(0, 1), labels: y }, host: { columns: columns.slice(1) } }
  const spec = { rows: n, guestColumns: 1, hostColumns: 3, featureBound: 8, epochs: 25, learningRate: 1, l2: 0.01, losses: false }
  const { guest, host } = await bothSides(spec, logistic, input)
  const expected = reference(spec, input, sigmoid)
  guest.result.scores?.forEach((z, i) => expect(Math.abs(sigmoid(z) - sigmoid(expected.scores[i] as number))).toBeLessThan(0.01))
  const cost = await costOf(program(spec, logistic), {})
  expect({ guest: guest.traffic, host: host.traffic }).toEqual({ guest: cost.guest, host: cost.host })
})

test('the exponential circuit: 0 far below, at most 2, and close between', () => {
  const list = Array.from({ length: 3000 }, (_, i) => -20 + (i * 25) / 3000)
  const inputs = BigUint64Array.from(list, (t) => BigInt.asUintN(48, BigInt(Math.round(t * 2 ** 38))))
  const [out] = evaluatePlain(powerCircuit, [planesOfWords(inputs, 48)], list.length)
  const values = realNumbers(wordsOfPlanes(out as Planes), 24)
  list.forEach((t, i) => {
    const expected = t < -16 ? 0 : Math.min(2, 2 ** t)
    expect(Math.abs((values[i] as number) - expected), `2^${t}`).toBeLessThan(expected * 5e-4 + 2 ** -15)
  })
})

test('Poisson regression on shares: expected counts within 0.01 of the plain ones', async () => {
  const random = seed(12).random()
  const n = 150
  const columns = Array.from({ length: 3 }, () => Float64Array.from({ length: n }, () => random.uniform()))
  const mean = (i: number): number => Math.exp(0.2 + 1.1 * (columns[0]?.[i] ?? 0) - 0.7 * (columns[2]?.[i] ?? 0))
  // a count with that mean, by counting arrivals
  const y = Float64Array.from({ length: n }, (_, i) => {
    let count = -1
    for (let product = 1; product > Math.exp(-mean(i)); count++) product *= random.uniform()
    return Math.max(0, count)
  })
  const input = { guest: { columns: columns.slice(0, 1), labels: y }, host: { columns: columns.slice(1) } }
  const spec = { rows: n, guestColumns: 1, hostColumns: 2, labelScale: 16, epochs: 30, learningRate: 0.3, l2: 0.01, losses: false }
  expect(Math.max(...y)).toBeLessThanOrEqual(16)
  const { guest, host } = await bothSides(spec, poisson, input)
  const expected = reference(spec, input, Math.exp)
  guest.result.scores?.forEach((z, i) => expect(Math.abs(Math.exp(z) - Math.exp(expected.scores[i] as number))).toBeLessThan(0.01))
  expect(worst(host.result.host ?? [], expected.weights.slice(1))).toBeLessThan(0.01)
})

test('a host alone with features, labels alone at the guest', async () => {
  const input = { guest: { columns: [], labels }, host: { columns: [column(5)] } }
  const spec = { ...linearSpec, guestColumns: 0, hostColumns: 1, epochs: 5 }
  const { guest } = await bothSides(spec, identity, input)
  expect(worst(guest.result.losses, reference(spec, input, (z) => z).losses)).toBeLessThan(1e-5)
})

test('features beyond the bound, too many rows, a loss that no link has: refused', async () => {
  const engine = plainEngine()
  await expect(
    trainVertical(engine, linearSpec, identity, {
      ...linearInput,
      host: { columns: [column(1), Float64Array.from({ length: rows }, () => 1.5)] },
    }),
  ).rejects.toThrow(/features.*column 1/)
  await expect(trainVertical(engine, { ...linearSpec, labelScale: 8192 }, identity, linearInput)).rejects.toThrow(/labels/)
  await expect(trainVertical(engine, { ...linearSpec, rows: 100_000 }, identity, linearInput)).rejects.toThrow(/rows/)
  await expect(trainVertical(engine, linearSpec, logistic, linearInput)).rejects.toThrow(/loss/)
})

test('facts that are none are refused', async () => {
  for (const told of ['no JSON', '[]', 'null', '{"rows":1}', '{"rows":-1,"columns":1,"featureBound":1,"labelScale":1,"identifiers":"x"}']) {
    const [a, b] = memoryChannels()
    await b.send(new TextEncoder().encode(told))
    await expect(exchangeFacts(a, 'guest', factsOf([], undefined, []))).rejects.toMatchObject({ code: 'vertical-facts' })
  }
})

test('facts: the same rows in the same order, or no start', async () => {
  const facts = (ids: readonly string[], bound: number) => factsOf([Float64Array.of(1, -bound)], undefined, ids)
  const [a, b] = memoryChannels()
  const [guest, host] = await Promise.all([exchangeFacts(a, 'guest', facts(['1', '2'], 3)), exchangeFacts(b, 'host', facts(['1', '2'], 1))])
  expect(guest).toEqual(host)
  expect(guest.guest.featureBound).toBe(4)
  const [c, d] = memoryChannels()
  const both = await Promise.allSettled([exchangeFacts(c, 'guest', facts(['1', '2'], 3)), exchangeFacts(d, 'host', facts(['2', '1'], 1))])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
