// What one party does in a secure computation, as data: the same job runs in this terminal or in a process of its own.
import { type Channel, monotonicMs, sha256Hex, YimengError } from '../../base/index.ts'
import {
  exchangeFacts,
  factsOf,
  folderStock,
  type IntersectionMode,
  measure,
  type Party,
  revealModel,
  prepareColumns,
  privateAuc,
  privateRmse,
  revealScores,
  type RunOptions,
  runIntersection,
  runMillionaires,
  runSecurely,
  runThreshold,
  runVectors,
  type Scaling,
  scaleColumn,
  scores,
  trainVertical,
  type VectorTask,
  type VerticalInput,
  type WireTraffic,
} from '../../mpc/index.ts'
import { chargeOf, type QuestionBudget } from './count-job.ts'
import { links, makeStocks, roleFolder, type StockJob, totalOf } from './stock-job.ts'
import { inferJob, type InferJob } from './infer-job.ts'
import { numbersOfColumn, readRecords, requireColumns } from './table-file.ts'

/** How a job is run. */
export interface RunChoices {
  /** Folder of stocks with this peer. */
  readonly stock?: string
  /** Checks the peer's columns in transfers. */
  readonly checked?: boolean
}

/** A vertical regression on a CSV file of mine. */
export interface VerticalJob extends RunChoices {
  readonly kind: 'vertical'
  readonly csv: string
  readonly id: string
  /** The guest's label column; the host has none. */
  readonly label: string
  readonly link: 'linear' | 'logistic' | 'poisson'
  readonly scaling: Scaling
  readonly epochs: number
  readonly learningRate: number
  readonly l2: number
  readonly losses: boolean
  /** Stop when the loss falls by less than this share of itself; needs losses. */
  readonly stopBelow?: number
  /** Find the common rows first, by private set intersection: both sides then learn which of their rows are common. Otherwise both must bring the same rows in the same order. */
  readonly align: boolean
  /** `scores`: the guest sees the score of every row; `private`: nobody does, one measure is opened to both. */
  readonly evaluate: 'scores' | 'private'
  /** The share of rows that is kept from training and evaluated instead. */
  readonly holdOut: number
}

interface PsiItems {
  readonly items: readonly string[]
  readonly maxPeerItems: number
  /** On what the peer asks in all. */
  readonly budget?: QuestionBudget
}

/** A job. Integers are decimal text, so that a job is JSON. */
export type Job =
  | ({ readonly kind: 'millionaires'; readonly width: 32 | 64; readonly value: string } & RunChoices)
  | ({
      readonly kind: 'vectors'
      readonly operation: VectorTask['operation']
      readonly width: 32 | 64
      readonly sharing: 'arithmetic' | 'boolean'
      readonly values: readonly string[]
    } & RunChoices)
  | { readonly kind: 'bench'; readonly seconds: number }
  | ({ readonly kind: 'psi'; readonly learns: IntersectionMode['learns'] } & PsiItems)
  | ({ readonly kind: 'threshold'; readonly atLeast: number } & PsiItems)
  | VerticalJob
  | (InferJob & RunChoices)
  | StockJob

/** What a job gives, as JSON. */
export interface JobOutcome {
  readonly result: Readonly<Record<string, unknown>>
  readonly traffic: WireTraffic
  /** From both sides ready to the result, base transfers and everything made ahead included. */
  readonly wallMs: number
  readonly cpuMs: number
}

const integer = (text: string): bigint => {
  if (!/^-?\d+$/.test(text.trim()))
    throw new YimengError({ code: 'mpc-integer', cannot: 'read number', expected: 'a whole number', got: 'other text' })
  return BigInt(text)
}

interface Table {
  readonly ids: readonly string[]
  readonly columns: readonly Float64Array[]
  readonly names: readonly string[]
  readonly labels: readonly number[] | undefined
}

const readTable = ({ csv, id, label }: VerticalJob, me: Party): Table => {
  const records = readRecords(csv)
  const names = Object.keys(records[0] ?? {})
  requireColumns(records, [id, ...(me === 'guest' ? [label] : [])])
  const column = (name: string): readonly number[] => numbersOfColumn(records, name)
  const features = names.filter((name) => name !== id && !(me === 'guest' && name === label))
  return {
    ids: records.map((record) => record[id] ?? ''),
    names: features,
    columns: features.map((name) => Float64Array.from(column(name))),
    labels: me === 'guest' ? column(label) : undefined,
  }
}

// after alignment: the rows that are learnt from decide the scale
const scaled = (table: Table, scaling: Scaling): Table => ({
  ...table,
  columns: table.columns.map((column) => scaleColumn(column, scaling)),
})

/** The rows that both have, in one order. */
const aligned = async (channel: Channel, me: Party, table: Table): Promise<{ readonly table: Table; readonly traffic: WireTraffic }> => {
  const { result, traffic } = await runIntersection(channel, me, { learns: 'both' }, { items: table.ids })
  const rows = result.indices ?? []
  if (rows.length === 0)
    throw new YimengError({ code: 'vertical-none', cannot: 'start learning', expected: 'rows that both have', got: 'none' })
  const kept = <T>(list: ArrayLike<T>): readonly T[] => rows.map((row) => list[row] as T)
  return {
    table: {
      ...table,
      ids: kept(table.ids),
      columns: table.columns.map((column) => Float64Array.from(kept(column))),
      labels: table.labels === undefined ? undefined : kept(table.labels),
    },
    traffic,
  }
}

const optionsOf = ({ stock, checked = false }: RunChoices, me: Party): RunOptions => ({
  ...(stock === undefined ? {} : { stock: folderStock(roleFolder(stock, me)) }),
  ...(checked ? { extension: { depth: 1, checked } } : {}),
})

/** A measure that was opened. */
interface Measure {
  readonly name: 'auc' | 'rmse'
  readonly value: number
}

/** Which rows are learnt from and which are evaluated: by a public hash, so that both sides choose alike and nobody chooses. */
const split = (
  rows: number,
  identifiers: string,
  holdOut: number,
): { readonly training: readonly number[]; readonly held: readonly number[] } => {
  const order = Array.from({ length: rows }, (_, row) => ({ row, key: sha256Hex(`${identifiers} ${row}`) }))
  const kept = order.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ row }) => row)
  const training = rows - Math.round(rows * holdOut)
  return { training: kept.slice(0, training), held: kept.slice(training) }
}

const vertical = async (channel: Channel, me: Party, job: VerticalJob) => {
  const whole = readTable(job, me)
  const found = job.align ? await aligned(channel, me, whole) : undefined
  const table = scaled(found?.table ?? whole, job.scaling)
  const facts = await exchangeFacts(channel, me, factsOf(table.columns, table.labels, table.ids))
  const link = links[job.link]
  // without rows held out all are learnt from, in their order, and evaluated
  const all = Array.from({ length: facts.guest.rows }, (_, row) => row)
  const { training, held } = job.holdOut > 0 ? split(all.length, facts.guest.identifiers, job.holdOut) : { training: all, held: all }
  const spec = {
    rows: training.length,
    guestColumns: facts.guest.columns,
    hostColumns: facts.host.columns,
    featureBound: Math.max(facts.guest.featureBound, facts.host.featureBound),
    labelScale: job.link === 'logistic' ? 1 : facts.guest.labelScale,
    epochs: job.epochs,
    learningRate: job.learningRate,
    l2: job.l2,
    losses: job.losses && job.link === 'linear',
    ...(job.stopBelow === undefined ? {} : { stopBelow: job.stopBelow }),
  }
  const inputOf = (rows: readonly number[]): VerticalInput => {
    const columns = table.columns.map((column) => Float64Array.from(rows, (row) => column[row] as number))
    return me === 'guest' ? { guest: { columns, labels: rows.map((row) => table.labels?.[row] ?? 0) } } : { host: { columns } }
  }
  const { result, traffic } = await runSecurely(
    channel,
    me,
    { program: `vertical ${job.link} ${job.evaluate} ${job.holdOut} ${JSON.stringify(spec)}`, ...optionsOf(job, me) },
    async (engine) => {
      const { model, losses, data } = await trainVertical(engine, spec, link, inputOf(training))
      const weights = await revealModel(engine, spec, link, model)
      const own: { weights?: readonly number[]; scores?: readonly number[]; measure?: Measure } = {}
      if (me === 'guest') engine.mapHeld(weights.guest, (values) => (own.weights = Array.from(values)))
      else engine.mapHeld(weights.host, (values) => (own.weights = Array.from(values)))
      const heldSpec = { ...spec, rows: held.length }
      const heldData = job.holdOut > 0 ? await prepareColumns(engine, heldSpec, inputOf(held)) : data
      if (job.evaluate === 'private') {
        const shared = await scores(engine, heldData, model)
        const labels = inputOf(held).guest?.labels
        own.measure =
          job.link === 'logistic'
            ? { name: 'auc', value: await privateAuc(engine, shared, labels) }
            : { name: 'rmse', value: await privateRmse(engine, heldSpec, link, shared, labels) }
      } else
        engine.mapHeld(await revealScores(engine, spec, link, heldData, model), (values) => {
          own.scores = Array.from(values)
        })
      return { losses, ...own }
    },
    undefined,
  )
  const scored = me === 'guest' && job.evaluate === 'scores' ? { ids: held.map((row) => table.ids[row]) } : {}
  return {
    result: { ...result, columns: table.names, rows: training.length, ...scored },
    traffic: found === undefined ? traffic : totalOf(found.traffic, traffic),
  }
}

const jobOf = async (channel: Channel, me: Party, job: Job): Promise<Pick<JobOutcome, 'result' | 'traffic'>> => {
  switch (job.kind) {
    case 'millionaires': {
      const { result, traffic } = await runMillionaires(channel, me, integer(job.value), job.width, optionsOf(job, me))
      return { result: { richer: result }, traffic }
    }
    case 'vectors': {
      const values = job.values.map(integer)
      const { result, traffic } = await runVectors(
        channel,
        me,
        { operation: job.operation, width: job.width, length: values.length, sharing: job.sharing },
        values,
        optionsOf(job, me),
      )
      return { result: { values: result.map(String) }, traffic }
    }
    case 'bench': {
      const { result, traffic } = await measure(channel, me, job)
      return { result: { measurements: result }, traffic }
    }
    case 'psi': {
      const { result, traffic } = await runIntersection(channel, me, { learns: job.learns }, { ...job, ...chargeOf(job.budget) })
      return { result: { ...result }, traffic }
    }
    case 'threshold': {
      const { result, traffic } = await runThreshold(channel, me, job.atLeast, { ...job, ...chargeOf(job.budget) })
      return { result: { ...result }, traffic }
    }
    case 'infer':
      return inferJob(channel, me, job, optionsOf(job, me))
    case 'stock':
      return makeStocks(channel, me, job)
    case 'vertical':
    default:
      return vertical(channel, me, job)
  }
}

/** Runs my side of a job. */
export const runJob = async (channel: Channel, me: Party, job: Job): Promise<JobOutcome> => {
  const start = monotonicMs()
  const before = process.cpuUsage()
  const { result, traffic } = await jobOf(channel, me, job)
  const { user, system } = process.cpuUsage(before)
  return { result, traffic, wallMs: monotonicMs() - start, cpuMs: (user + system) / 1000 }
}
