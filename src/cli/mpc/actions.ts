// What `yimeng mpc …`, `yimeng psi` and `yimeng vertical run` do. Loaded when one of them is used.
import { join } from 'node:path'
import { yimengHome } from '../../data/node.ts'
import { type Measurement, stockFiles } from '../../mpc/index.ts'
import { type CommonOptions, UsageError } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { countHere, countWithOthers } from './count.ts'
import type { CountJob, QuestionBudget } from './count-job.ts'
import type { Job, JobOutcome, RunChoices } from './job.ts'
import { runPair } from './local-pair.ts'
import { roleFolder, type StockPurpose } from './stock-job.ts'
import { meet, type MeetingOptions, type Met } from './meeting.ts'
import { readRecords } from './table-file.ts'
import { type MpcTexts, mpcTexts } from './texts.ts'

/** How a program is run, as options. */
interface RunningOptions {
  readonly stock?: string
  readonly checkTransfers?: boolean
}

/** Options of `mpc millionaires|add|mul`. */
export interface IntegerOptions extends MeetingOptions, RunningOptions, CommonOptions {
  readonly bits: string
  readonly other?: string
  readonly sharing: 'arithmetic' | 'boolean'
}

/** Options of `mpc stock make`. */
export interface StockOptions extends MeetingOptions, CommonOptions {
  readonly for: StockPurpose['for']
  readonly bits: string
  readonly sharing: 'arithmetic' | 'boolean'
  readonly rows: string
  readonly columns: string
  readonly epochs: string
  readonly products: string
  readonly bitGates: string
  readonly count: string
}

/** Options of `mpc bench`. */
export interface BenchOptions extends CommonOptions {
  readonly seconds: string
  /** ABY's program bench_operations. */
  readonly abyBinary?: string
}

/** Options of `psi` and `psi count`. */
export interface PsiOptions extends MeetingOptions, CommonOptions {
  readonly csv: string
  readonly otherCsv?: string
  readonly id: string
  readonly learns: 'guest' | 'both' | 'size' | 'threshold'
  readonly atLeast?: string
  readonly most: string
  readonly budget?: string
  readonly peer: string
  readonly party: string
  readonly parties: string
}

/** Options of `vertical run`. */
export interface VerticalOptions extends MeetingOptions, RunningOptions, CommonOptions {
  readonly csv: string
  readonly otherCsv?: string
  readonly id: string
  readonly label: string
  readonly link: 'linear' | 'logistic' | 'poisson'
  readonly scaling: 'none' | 'min-max' | 'standard'
  readonly epochs: string
  readonly rate: string
  readonly l2: string
  readonly losses: boolean
  readonly align?: boolean
  readonly evaluate: 'scores' | 'private'
  readonly holdOut: string
  readonly stopBelow?: string
}

/** Options of `mpc infer`. */
export interface InferOptions extends MeetingOptions, RunningOptions, CommonOptions {
  readonly csv?: string
  readonly id: string
  readonly model?: string
  readonly shows: 'outputs' | 'class'
}

const outcomes = (met: Met): readonly JobOutcome[] => (met.kind === 'both' ? [met.guest, met.host] : [met.mine])

const sayCost = ({ say, language }: Terminal, met: Met): void => {
  for (const { wallMs, cpuMs, traffic } of outcomes(met))
    say(mpcTexts[language].cost(wallMs, cpuMs, traffic.sent, traffic.received, traffic.rounds))
}

const show = ({ result }: Terminal, met: Met): void => {
  if (met.kind === 'both') result({ guest: met.guest, host: met.host })
  else result({ side: met.me, ...met.mine })
}

const needed = (value: string | undefined, option: string, terminal: Terminal): string => {
  if (value === undefined) throw new UsageError(terminal.texts.usage.missingOption(option))
  return value
}

const numbers = (text: string, name: string, texts: MpcTexts, terminal: Terminal): readonly string[] =>
  text.split(',').map((one) => {
    if (!/^\s*-?\d+\s*$/.test(one)) throw new UsageError(terminal.texts.usage.badValue(name, one, texts.whole))
    return one.trim()
  })

const width = (bits: string): 32 | 64 => (bits === '32' ? 32 : 64)

const amount = (text: string, name: string, terminal: Terminal): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new UsageError(terminal.texts.usage.badValue(name, text, '> 0'))
  return value
}

const shareOf = (text: string, name: string, terminal: Terminal): number => {
  const value = amount(text, name, terminal)
  if (value >= 1) throw new UsageError(terminal.texts.usage.badValue(name, text, '0 … 0.9'))
  return value
}

/** The user's name for a peer, fit for a file. */
const peerName = (name: string, option: string, terminal: Terminal): string => {
  if (!/^[\w-]{1,64}$/.test(name)) throw new UsageError(terminal.texts.usage.badValue(option, name, mpcTexts[terminal.language].peerName))
  return name
}

/** The folder of stocks with one peer. */
const stockFolder = (name: string, terminal: Terminal): string => join(yimengHome(), 'stock', peerName(name, '--stock', terminal))

const choicesOf = ({ stock, checkTransfers }: RunningOptions, terminal: Terminal): RunChoices => ({
  ...(stock === undefined ? {} : { stock: stockFolder(stock, terminal) }),
  ...(checkTransfers === true ? { checked: true } : {}),
})

const purposeOf = (options: StockOptions, terminal: Terminal): StockPurpose => {
  const count = (name: 'rows' | 'columns' | 'epochs' | 'products', text: string): number => Math.ceil(amount(text, `--${name}`, terminal))
  switch (options.for) {
    case 'millionaires':
      return { for: options.for, width: width(options.bits) }
    case 'mul':
      return { for: options.for, width: width(options.bits), sharing: options.sharing, length: count('rows', options.rows) }
    case 'amounts':
      return {
        for: options.for,
        products: count('products', options.products),
        bitGates: Math.ceil(amount(options.bitGates, '--bit-gates', terminal)),
      }
    case 'linear':
    case 'logistic':
    case 'poisson':
    default:
      return {
        for: options.for,
        rows: count('rows', options.rows),
        columns: count('columns', options.columns),
        epochs: count('epochs', options.epochs),
      }
  }
}

/** `mpc stock make`. */
export const stockMake = async (name: string, options: StockOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const job: Job = {
    kind: 'stock',
    folder: stockFolder(name, terminal),
    purpose: purposeOf(options, terminal),
    count: Math.ceil(amount(options.count, '--count', terminal)),
  }
  const met = await meet(options, terminal, () => job)
  const { result } = met.kind === 'both' ? met.guest : met.mine
  const names = result['names'] as readonly string[]
  terminal.say(texts.stockMade(names.length, Number(result['products']), Number(result['bitGates']), Number(result['garbledGates'])))
  sayCost(terminal, met)
  show(terminal, met)
}

/** `mpc stock show`. */
export const stockShow = async (name: string, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const folder = stockFolder(name, terminal)
  const stocks = (
    await Promise.all(
      (['guest', 'host'] as const).map(async (role) => (await stockFiles(roleFolder(folder, role))).map((file) => ({ role, ...file }))),
    )
  ).flat()
  for (const { role, name: one, bytes, madeAtMs } of stocks)
    terminal.say(`${one}  ${role}  ${bytes.toLocaleString('en')} B  ${new Date(madeAtMs).toISOString()}`)
  if (stocks.length === 0) terminal.say(texts.stockEmpty(folder))
  terminal.result({ folder, stocks })
}

/** `mpc millionaires`. */
export const millionaires = async (text: string, options: IntegerOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const met = await meet(options, terminal, (side) => {
    const [value = ''] =
      side === 'mine'
        ? numbers(text, 'value', texts, terminal)
        : numbers(needed(options.other, '--other', terminal), '--other', texts, terminal)
    return { kind: 'millionaires', width: width(options.bits), value, ...choicesOf(options, terminal) }
  })
  const richer = String((met.kind === 'both' ? met.guest : met.mine).result['richer'])
  const who = richer === 'equal' ? 'equal' : met.kind === 'both' ? (richer as 'guest' | 'host') : richer === met.me ? 'mine' : 'theirs'
  terminal.say(texts.richer[who])
  sayCost(terminal, met)
  show(terminal, met)
}

/** `mpc add` and `mpc mul`. */
export const vectors = async (operation: 'add' | 'multiply', text: string, options: IntegerOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const met = await meet(options, terminal, (side) => ({
    kind: 'vectors',
    operation,
    width: width(options.bits),
    sharing: options.sharing,
    ...choicesOf(options, terminal),
    values:
      side === 'mine'
        ? numbers(text, 'values', texts, terminal)
        : numbers(needed(options.other, '--other', terminal), '--other', texts, terminal),
  }))
  terminal.say(((met.kind === 'both' ? met.guest : met.mine).result['values'] as readonly string[]).join(', '))
  sayCost(terminal, met)
  show(terminal, met)
}

/** `mpc infer`. */
export const infer = async (options: InferOptions, terminal: Terminal): Promise<void> => {
  const common = { kind: 'infer', id: options.id, shows: options.shows, ...choicesOf(options, terminal) } as const
  const records = (): Job => ({ ...common, csv: needed(options.csv, '--csv', terminal) })
  const network = (): Job => ({ ...common, model: needed(options.model, '--model', terminal) })
  // the side that listens, or is here first, is the guest
  const met = await meet(options, terminal, (side) =>
    side === 'mine' && (options.local === true || options.listen !== undefined) ? records() : network(),
  )
  const { result } = met.kind === 'both' ? met.guest : met.mine
  const ids = (result['ids'] ?? []) as readonly string[]
  const answers = (result['classes'] ?? result['outputs'] ?? []) as readonly (number | readonly number[])[]
  answers.forEach((answer, row) => terminal.data(`${ids[row]},${String(answer)}\n`))
  if (answers.length === 0) terminal.say(mpcTexts[terminal.language].inferred(Number(result['rows'])))
  sayCost(terminal, met)
  show(terminal, met)
}

/** `mpc bench`. */
export const bench = async ({ seconds, abyBinary }: BenchOptions, terminal: Terminal): Promise<void> => {
  const job: Job = { kind: 'bench', seconds: amount(seconds, '--seconds', terminal) }
  const { guest } = await runPair(job, job)
  const rows = guest.result['measurements'] as readonly Measurement[]
  const { benchTable } = await import('./bench-table.ts')
  const native = abyBinary === undefined ? [] : await (await import('./native-aby.ts')).measureNative(abyBinary)
  terminal.say(benchTable(rows, native, mpcTexts[terminal.language]))
  terminal.result({ measurements: rows, native })
}

const idsOf = (csv: string, id: string, terminal: Terminal): readonly string[] => {
  const records = readRecords(csv)
  return records.map((record) => {
    const value = record[id]
    if (value === undefined) throw new UsageError(terminal.texts.usage.badValue('--id', id, Object.keys(record).join(', ')))
    return value
  })
}

const budgetOf = (
  { budget, peer }: { readonly budget?: string; readonly peer: string },
  terminal: Terminal,
): { readonly budget?: QuestionBudget } =>
  budget === undefined
    ? {}
    : {
        budget: {
          file: join(yimengHome(), 'questions', `${peerName(peer, '--peer', terminal)}.txt`),
          items: amount(budget, '--budget', terminal),
        },
      }

/** `psi count`. */
export const count = async (options: PsiOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const lists = options.csv.split(',').map((csv) => [...new Set(idsOf(csv, options.id, terminal))])
  const parties = options.local === true ? lists.length : amount(options.parties, '--parties', terminal)
  const spec = {
    parties,
    maxItems: amount(options.most, '--most', terminal),
    ...(options.atLeast === undefined ? {} : { threshold: amount(options.atLeast, '--at-least', terminal) }),
  }
  const jobOf = (me: number, items: readonly string[]): CountJob => ({ me, spec, items, ...(me === 0 ? {} : budgetOf(options, terminal)) })
  const [mine = []] = lists
  const outcome =
    options.local === true
      ? (await countHere(lists.map((items, me) => jobOf(me, items))))[0]
      : await countWithOthers(jobOf(amount(options.party, '--party', terminal), mine), options, terminal)
  if (outcome?.counts === undefined) terminal.say(texts.counted)
  else outcome.counts.forEach((found, i) => terminal.data(`${mine[i]},${found}\n`))
  terminal.result({ items: outcome?.counts === undefined ? undefined : mine, ...outcome })
}

/** `psi`. */
export const psi = async (options: PsiOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const most = amount(options.most, '--most', terminal)
  const items = {
    mine: idsOf(options.csv, options.id, terminal),
    other: options.local === true ? idsOf(needed(options.otherCsv, '--other-csv', terminal), options.id, terminal) : [],
  }
  const { learns } = options
  const met = await meet(options, terminal, (side) => {
    const common = { items: items[side], maxPeerItems: most, ...budgetOf(options, terminal) }
    if (learns !== 'threshold') return { kind: 'psi', learns, ...common }
    return { kind: 'threshold', atLeast: amount(needed(options.atLeast, '--at-least', terminal), '--at-least', terminal), ...common }
  })
  const sides =
    met.kind === 'both'
      ? ([
          ['mine', met.guest],
          ['other', met.host],
        ] as const)
      : ([['mine', met.mine]] as const)
  for (const [side, { result }] of sides) {
    const peer = Number(result['peerItems'])
    if (learns === 'threshold') terminal.say(texts.reached(result['reached'] === true, Number(options.atLeast)))
    else terminal.say(result['size'] === undefined ? texts.nothing(peer) : texts.common(Number(result['size']), items[side].length, peer))
    if (met.kind === 'one') for (const index of (result['indices'] ?? []) as readonly number[]) terminal.data(`${items[side][index]}\n`)
  }
  sayCost(terminal, met)
  show(terminal, met)
}

/** `vertical run`. */
export const vertical = async (options: VerticalOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const met = await meet(options, terminal, (side) => ({
    kind: 'vertical',
    csv: side === 'mine' ? options.csv : needed(options.otherCsv, '--other-csv', terminal),
    id: options.id,
    label: options.label,
    link: options.link,
    scaling: options.scaling,
    epochs: amount(options.epochs, '--epochs', terminal),
    learningRate: amount(options.rate, '--rate', terminal),
    l2: amount(options.l2, '--l2', terminal),
    losses: options.losses,
    align: options.align === true,
    evaluate: options.evaluate,
    holdOut: shareOf(options.holdOut, '--hold-out', terminal),
    ...choicesOf(options, terminal),
    ...(options.stopBelow === undefined ? {} : { stopBelow: amount(options.stopBelow, '--stop-below', terminal) }),
  }))
  for (const [index, { result }] of outcomes(met).entries()) {
    if (index === 0) ((result['losses'] ?? []) as readonly number[]).forEach((loss, k) => terminal.say(texts.loss(k + 1, loss)))
    const measure = result['measure'] as { readonly name: 'auc' | 'rmse'; readonly value: number } | undefined
    if (index === 0 && measure !== undefined) terminal.say(texts.measure(measure.name, measure.value))
    const names = [...(result['columns'] as readonly string[]), texts.intercept]
    ;((result['weights'] ?? []) as readonly number[]).forEach((weight, k) => terminal.say(texts.weight(names[k] ?? '', weight)))
  }
  sayCost(terminal, met)
  show(terminal, met)
}
