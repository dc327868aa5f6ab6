// Regression on columns that two parties hold for the same rows: the guest has labels and perhaps columns, the host has columns. Weights, scores, residuals and gradients stay
// shared; what is opened is said in the specification: the losses (if asked), and to each party the weights of its own columns. Full-batch gradient descent with L2 on the weights
// (not on the intercept), as in FATE's hetero SSHE regression. Adversary: semi-honest.
// Precision: features carry 20 fraction bits, weights 26, scores and residuals 24; every truncation is exact to a unit, so shares cannot wrap.
import { YimengError } from '../../base/index.ts'
import { fixedPoint, realNumbers, type Words } from '../arithmetic/words.ts'
import { powerOfTwo } from '../arithmetic/truncate.ts'
import type { Held, HeldMatrix, Secure, Shared } from '../secure.ts'
import type { Link } from './link.ts'

/** Public parameters: both parties must agree on all of them. */
export interface VerticalSpec {
  readonly rows: number
  /** Columns of each party; the guest's may be 0. */
  readonly guestColumns: number
  readonly hostColumns: number
  /** Features and labels are at most this in absolute value after scaling. Default 1. */
  readonly featureBound?: number
  /** Labels are divided by this power of two, so that they are at most 1 in absolute value. Default 1. */
  readonly labelScale?: number
  readonly epochs: number
  readonly learningRate: number
  /** Penalty alpha: loss + alpha / 2 * |w|^2. */
  readonly l2: number
  /** Whether the loss before each update is opened, after the last epoch. Only where the link has one. */
  readonly losses: boolean
  /** Stops before an update when the loss fell by less than this share of itself since the last epoch. Each loss is then opened as it comes, and the number of epochs shows. */
  readonly stopBelow?: number
}

/** One party's columns, each of `rows` numbers. */
export type Columns = readonly (readonly number[] | Float64Array)[]

/** What a party brings; the other's part stays undefined. */
export interface VerticalInput {
  readonly guest?: { readonly columns: Columns; readonly labels: readonly number[] | Float64Array }
  readonly host?: { readonly columns: Columns }
}

/** Shared weights: the guest's columns, the host's, then the intercept. 26 fraction bits. */
export interface SharedModel {
  readonly weights: Shared<'arithmetic'>
  readonly intercept: Shared<'arithmetic'>
}

/** What training gives. */
export interface VerticalOutcome {
  readonly model: SharedModel
  /** Loss before update k, where asked for. */
  readonly losses: readonly number[]
  /** For predictions on the same rows. */
  readonly data: VerticalData
}

const FEATURE = 20
const WEIGHT = 26
/** Fraction bits of scores, predictions and residuals. */
export const SCORE = 24
const LOSS = 40

const wide = (columns: Columns, fraction: number): Words => {
  const rows = columns[0]?.length ?? 0
  const out = new BigUint64Array(columns.length * rows)
  columns.forEach((column, j) => out.set(fixedPoint(column, fraction), j * rows))
  return out
}

const checkBound = (columns: Columns, bound: number, what: string): void => {
  columns.forEach((column, j) => {
    // NaN fails too
    for (const x of column)
      if (!(Math.abs(x) <= bound))
        throw new YimengError({
          code: 'vertical-bound',
          cannot: `share ${what}`,
          expected: `numbers of at most ${bound} in absolute value`,
          got: 'another one',
          where: { column: j },
        })
  })
}

const scaledLabels = (labels: ArrayLike<number> | undefined, labelScale: number): Words => {
  const scaled = Float64Array.from(labels ?? [], (y) => y / labelScale)
  checkBound([scaled], 1, 'labels')
  return fixedPoint(scaled, FEATURE)
}

/** The guest's labels divided by the label scale, {@link SCORE} fraction bits. @throws YimengError `vertical-bound` for a label beyond the scale. */
export const sharedLabels = (
  engine: Secure,
  { rows, labelScale = 1 }: Pick<VerticalSpec, 'rows' | 'labelScale'>,
  labels: ArrayLike<number> | undefined,
): Shared<'arithmetic'> =>
  engine.scale(
    engine.share(
      engine.held('guest', () => scaledLabels(labels, labelScale)),
      rows,
    ),
    1n << BigInt(SCORE - FEATURE),
  )

/** The parties' matrices, transferred once. */
export interface VerticalData {
  readonly guest: HeldMatrix<'guest'> | undefined
  readonly host: HeldMatrix<'host'>
  readonly rows: number
}

type Data = Pick<VerticalSpec, 'rows' | 'guestColumns' | 'hostColumns' | 'featureBound'>

/** Transfers both parties' columns. @throws YimengError `vertical-bound` for a feature beyond the bound, `mpc-shape` for other counts than announced. */
export const prepareColumns = async (engine: Secure, spec: Data, input: VerticalInput): Promise<VerticalData> => {
  const { rows, guestColumns, hostColumns, featureBound = 1 } = spec
  const bits = FEATURE + Math.ceil(Math.log2(featureBound)) + 2
  const checked = (columns: Columns | undefined): Words => {
    checkBound(columns ?? [], featureBound, 'features')
    return wide(columns ?? [], FEATURE)
  }
  const guest =
    guestColumns === 0
      ? undefined
      : await engine.prepareMatrix(
          engine.held('guest', () => checked(input.guest?.columns)),
          { rows, columns: guestColumns, bits },
        )
  const host = await engine.prepareMatrix(
    engine.held('host', () => checked(input.host?.columns)),
    { rows, columns: hostColumns, bits },
  )
  return { guest, host, rows }
}

const repeat = (engine: Secure, x: Shared<'arithmetic'>, times: number): Shared<'arithmetic'> =>
  engine.concat(Array.from({ length: times }, () => x))

/** Shared scores X w + b, 24 fraction bits. */
export const scores = async (engine: Secure, data: VerticalData, { weights, intercept }: SharedModel): Promise<Shared<'arithmetic'>> => {
  const split = data.guest?.shape.columns ?? 0
  const parts = await engine.products([
    ...(data.guest === undefined ? [] : [{ matrix: data.guest, vector: engine.slice(weights, 0, split) }]),
    { matrix: data.host, vector: engine.slice(weights, split, weights.length) },
  ])
  const sum = parts.reduce(
    (total, part) => engine.add(total, part),
    repeat(engine, engine.scale(intercept, 1n << BigInt(FEATURE)), data.rows),
  )
  return engine.truncate(sum, powerOfTwo(FEATURE + WEIGHT - SCORE), 'exact')
}

// X^T e for both parties' columns, and y^T e where the loss needs it
const gradients = async (
  engine: Secure,
  data: VerticalData,
  labels: HeldMatrix<'guest'> | undefined,
  residual: Shared<'arithmetic'>,
): Promise<{ readonly features: Shared<'arithmetic'>; readonly labels: Shared<'arithmetic'> | undefined }> => {
  const across = [...(data.guest === undefined ? [] : [data.guest]), data.host]
  const parts = await engine.products(
    [...across, ...(labels === undefined ? [] : [labels])].map((matrix) => ({ matrix, vector: residual, transposed: true })),
  )
  return { features: engine.concat(parts.slice(0, across.length)), labels: parts[across.length] }
}

/** What the loss of an epoch is computed from. */
interface Epoch {
  readonly gradient: Shared<'arithmetic'>
  readonly total: Shared<'arithmetic'>
  readonly across: Shared<'arithmetic'>
  readonly weights: Shared<'arithmetic'>
  readonly intercept: Shared<'arithmetic'>
}

const UNIT = 1n << 32n
/** A positive real number as a rational, to 32 fraction bits. */
const rational = (x: number): bigint => BigInt(Math.round(x * Number(UNIT)))

/** Trains with `link`; `identity` gives linear regression. */
export const trainVertical = async (engine: Secure, spec: VerticalSpec, link: Link, input: VerticalInput): Promise<VerticalOutcome> => {
  const { rows, guestColumns, hostColumns, labelScale = 1, epochs, learningRate, l2 } = spec
  const columns = guestColumns + hostColumns
  // a gradient sums rows products of a feature and a residual and must stay below 2^62
  const gradientBits = FEATURE + SCORE + Math.ceil(Math.log2(rows)) + Math.ceil(Math.log2(spec.featureBound ?? 1)) + 2
  if (gradientBits > 62)
    throw new YimengError({
      code: 'vertical-size',
      cannot: 'train',
      expected: `rows times the feature bound of at most ${2 ** (60 - FEATURE - SCORE)}`,
      got: `${rows * (spec.featureBound ?? 1)}`,
    })
  if ((spec.losses || spec.stopBelow !== undefined) && link.loss === 'none')
    throw new YimengError({
      code: 'vertical-loss',
      cannot: 'open losses',
      expected: 'a link whose loss can be computed on shares',
      got: link.name,
    })
  const data = await prepareColumns(engine, spec, input)
  const labelMatrix =
    spec.losses || spec.stopBelow !== undefined
      ? await engine.prepareMatrix(
          engine.held('guest', () => scaledLabels(input.guest?.labels, labelScale)),
          { rows, columns: 1, bits: FEATURE + 2 },
        )
      : undefined
  const labels = sharedLabels(engine, spec, input.guest?.labels)
  // g^T w, |w|^2 and b * sum(e) of every epoch
  if (spec.losses && spec.stopBelow === undefined) await engine.prepare({ products: epochs * (2 * columns + 1) })

  const zeros = (length: number): Shared<'arithmetic'> => engine.constant(new BigUint64Array(length))
  let weights = zeros(columns)
  let intercept = zeros(1)
  const history: Epoch[] = []
  const losses: number[] = []
  const down = 1n << BigInt(FEATURE + SCORE - WEIGHT)
  for (let epoch = 0; epoch < epochs; epoch++) {
    const predicted = await link.apply(engine, await scores(engine, data, { weights, intercept }), SCORE, labelScale)
    const residual = engine.subtract(predicted, labels)
    const { features, labels: across } = await gradients(engine, data, labelMatrix, residual)
    const total = engine.sum(residual)
    if (across !== undefined) {
      const entry = { gradient: features, total, across, weights, intercept }
      if (spec.stopBelow === undefined) history.push(entry)
      else {
        const before = losses.at(-1)
        const [loss = 0] = await openLosses(engine, spec, [entry])
        losses.push(loss)
        // without values (costs) all losses are 0: never stop
        if (before !== undefined && before > 0 && before - loss < spec.stopBelow * before) break
      }
    }
    // both at the gradient's scale: one truncation by rows / rate. Residuals are relative to the label scale; weights are only where scores are
    const relative = link.scoresInLabelUnits ? 1 : labelScale
    const penalty = engine.scale(weights, BigInt(Math.round((l2 / relative) * rows * Number(down))))
    const step = await engine.truncate(
      engine.concat([engine.add(features, penalty), engine.scale(total, 1n << BigInt(FEATURE))]),
      { by: BigInt(rows) * down * UNIT, over: rational(learningRate * relative) },
      'exact',
    )
    weights = engine.subtract(weights, engine.slice(step, 0, columns))
    intercept = engine.subtract(intercept, engine.slice(step, columns, columns + 1))
  }
  return { model: { weights, intercept }, data, losses: history.length > 0 ? await openLosses(engine, spec, history) : losses }
}

// Squared error on shares without squaring the residuals: sum(e^2) = e^T (X w + b - y) = (X^T e)^T w + b sum(e) - y^T e, for all epochs at once
const openLosses = async (
  engine: Secure,
  { rows, guestColumns, hostColumns, labelScale = 1, l2 }: VerticalSpec,
  history: readonly Epoch[],
): Promise<readonly number[]> => {
  const columns = guestColumns + hostColumns
  const epochs = history.length
  const fraction = Math.min(SCORE, 34 - Math.ceil(Math.log2(rows)))
  const all = (part: (entry: (typeof history)[number]) => Shared<'arithmetic'>): Shared<'arithmetic'> => engine.concat(history.map(part))
  // everything of one scale: the gradients, the sums of residuals, the labels' products
  const short = await engine.truncate(
    engine.concat([
      all(({ gradient }) => gradient),
      all(({ total }) => engine.scale(total, 1n << BigInt(FEATURE))),
      all(({ across }) => across),
    ]),
    powerOfTwo(FEATURE + SCORE - fraction),
    'exact',
  )
  const [weights, intercepts] = [all((entry) => entry.weights), all((entry) => entry.intercept)]
  const products = await engine.multiply(
    engine.concat([engine.slice(short, 0, epochs * (columns + 1)), weights]),
    engine.concat([weights, intercepts, weights]),
  )
  const parts = history.map((_, k) => {
    const own = (from: number, count: number): Shared<'arithmetic'> =>
      engine.sum(engine.slice(products, from + k * count, from + (k + 1) * count))
    const fitted = engine.add(own(0, columns), own(epochs * columns, 1))
    const across = engine.slice(short, epochs * (columns + 1) + k, epochs * (columns + 1) + k + 1)
    return { squares: engine.subtract(fitted, engine.scale(across, 1n << BigInt(WEIGHT))), norm: own(epochs * (columns + 1), columns) }
  })
  const squares = await engine.truncate(
    engine.concat(parts.map((part) => part.squares)),
    { by: (2n * BigInt(rows)) << BigInt(fraction + WEIGHT - LOSS), over: 1n },
    'exact',
  )
  const norms = await engine.truncate(
    engine.concat(parts.map((part) => part.norm)),
    { by: UNIT << BigInt(2 * WEIGHT - LOSS), over: rational(l2 / 2) },
    'exact',
  )
  const opened = realNumbers(await engine.open(engine.add(squares, norms)), LOSS)
  return Array.from(opened, (loss) => loss * labelScale ** 2)
}

const unitOf = ({ scoresInLabelUnits }: Link, labelScale = 1): number => (scoresInLabelUnits ? labelScale : 1)

/** A party's own weights, in the units of the labels where `link` has scores in these; the guest's end with the intercept. */
export const revealModel = async (
  engine: Secure,
  { guestColumns, labelScale }: Pick<VerticalSpec, 'guestColumns' | 'labelScale'>,
  link: Link,
  { weights, intercept }: SharedModel,
): Promise<{ readonly guest: Held<'guest', Float64Array>; readonly host: Held<'host', Float64Array> }> => {
  const numbers = (words: Words): Float64Array => realNumbers(words, WEIGHT).map((w) => w * unitOf(link, labelScale))
  const guest = await engine.reveal(engine.concat([engine.slice(weights, 0, guestColumns), intercept]), 'guest')
  const host = await engine.reveal(engine.slice(weights, guestColumns, weights.length), 'host')
  return { guest: engine.mapHeld(guest, numbers), host: engine.mapHeld(host, numbers) }
}

/** Scores of all rows, shown to the guest only, in the units of the labels where `link` has scores in these. */
export const revealScores = async (
  engine: Secure,
  { labelScale }: Pick<VerticalSpec, 'labelScale'>,
  link: Link,
  data: VerticalData,
  model: SharedModel,
): Promise<Held<'guest', Float64Array>> =>
  engine.mapHeld(await engine.reveal(await scores(engine, data, model), 'guest'), (words) =>
    realNumbers(words, SCORE).map((z) => z * unitOf(link, labelScale)),
  )
