// `yimeng mpc millionaires|add|mul|bench`, `yimeng psi`, `yimeng vertical run`: secure computation between two terminals, or two processes with --local.
import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { parse } from 'csv-parse/sync'
import type { Language } from '../judge/index.ts'
import type { Measurement } from '../mpc/index.ts'
import type { Job, JobOutcome } from './mpc/job.ts'
import { runPair } from './mpc/local-pair.ts'
import { meet, type MeetingOptions, type Met } from './mpc/meeting.ts'
import { type MpcTexts, mpcTexts } from './mpc/texts.ts'
import { type Act, type CommonOptions, UsageError } from './options.ts'
import type { Terminal } from './terminal.ts'

interface IntegerOptions extends MeetingOptions, CommonOptions {
  readonly bits: string
  readonly other?: string
  readonly sharing: 'arithmetic' | 'boolean'
}

interface PsiOptions extends MeetingOptions, CommonOptions {
  readonly csv: string
  readonly otherCsv?: string
  readonly id: string
  readonly learns: 'guest' | 'both' | 'size'
  readonly most: string
}

interface VerticalOptions extends MeetingOptions, CommonOptions {
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
  readonly stopBelow?: string
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

const millionaires = async (text: string, options: IntegerOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const met = await meet(options, terminal, (side) => {
    const [value = ''] =
      side === 'mine'
        ? numbers(text, 'value', texts, terminal)
        : numbers(needed(options.other, '--other', terminal), '--other', texts, terminal)
    return { kind: 'millionaires', width: width(options.bits), value }
  })
  const richer = String((met.kind === 'both' ? met.guest : met.mine).result['richer'])
  const who = richer === 'equal' ? 'equal' : met.kind === 'both' ? (richer as 'guest' | 'host') : richer === met.me ? 'mine' : 'theirs'
  terminal.say(texts.richer[who])
  sayCost(terminal, met)
  show(terminal, met)
}

const vectors = async (operation: 'add' | 'multiply', text: string, options: IntegerOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const met = await meet(options, terminal, (side) => ({
    kind: 'vectors',
    operation,
    width: width(options.bits),
    sharing: options.sharing,
    values:
      side === 'mine'
        ? numbers(text, 'values', texts, terminal)
        : numbers(needed(options.other, '--other', terminal), '--other', texts, terminal),
  }))
  terminal.say(((met.kind === 'both' ? met.guest : met.mine).result['values'] as readonly string[]).join(', '))
  sayCost(terminal, met)
  show(terminal, met)
}

const bench = async ({ seconds }: { readonly seconds: string }, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const job: Job = { kind: 'bench', seconds: amount(seconds, '--seconds', terminal) }
  const { guest } = await runPair(job, job)
  const rows = guest.result['measurements'] as readonly Measurement[]
  const { default: Table } = await import('cli-table3')
  const table = new Table({
    head: ['', texts.perSecond, texts.perCoreSecond, 'ms', texts.bytes, texts.rounds],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  })
  const short = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 })
  for (const { name, count, unit, ms, cpuMs, bytes, rounds } of rows)
    table.push([
      `${name} [${unit}]`,
      short((count / ms) * 1000),
      short((count / cpuMs) * 1000),
      short(ms),
      bytes?.toLocaleString('en') ?? '',
      rounds ?? '',
    ])
  terminal.say(table.toString())
  terminal.result({ measurements: rows })
}

const idsOf = (csv: string, id: string, terminal: Terminal): readonly string[] => {
  const records = parse(readFileSync(csv, 'utf8'), { columns: true, skip_empty_lines: true }) as readonly Readonly<Record<string, string>>[]
  return records.map((record) => {
    const value = record[id]
    if (value === undefined) throw new UsageError(terminal.texts.usage.badValue('--id', id, Object.keys(record).join(', ')))
    return value
  })
}

const psi = async (options: PsiOptions, terminal: Terminal): Promise<void> => {
  const texts = mpcTexts[terminal.language]
  const most = amount(options.most, '--most', terminal)
  const items = {
    mine: idsOf(options.csv, options.id, terminal),
    other: options.local === true ? idsOf(needed(options.otherCsv, '--other-csv', terminal), options.id, terminal) : [],
  }
  const met = await meet(options, terminal, (side) => ({ kind: 'psi', learns: options.learns, items: items[side], maxPeerItems: most }))
  const sides =
    met.kind === 'both'
      ? ([
          ['mine', met.guest],
          ['other', met.host],
        ] as const)
      : ([['mine', met.mine]] as const)
  for (const [side, { result }] of sides) {
    const peer = Number(result['peerItems'])
    terminal.say(result['size'] === undefined ? texts.nothing(peer) : texts.common(Number(result['size']), items[side].length, peer))
    if (met.kind === 'one') for (const index of (result['indices'] ?? []) as readonly number[]) terminal.data(`${items[side][index]}\n`)
  }
  sayCost(terminal, met)
  show(terminal, met)
}

const vertical = async (options: VerticalOptions, terminal: Terminal): Promise<void> => {
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
    ...(options.stopBelow === undefined ? {} : { stopBelow: amount(options.stopBelow, '--stop-below', terminal) }),
  }))
  for (const [index, { result }] of outcomes(met).entries()) {
    if (index === 0) ((result['losses'] ?? []) as readonly number[]).forEach((loss, k) => terminal.say(texts.loss(k + 1, loss)))
    const names = [...(result['columns'] as readonly string[]), texts.intercept]
    ;((result['weights'] ?? []) as readonly number[]).forEach((weight, k) => terminal.say(texts.weight(names[k] ?? '', weight)))
  }
  sayCost(terminal, met)
  show(terminal, met)
}

/**
 * The commands `mpc`, `psi` and `vertical`, to be added to the program. `act` gives each its terminal, `voice` prepares a command as the program's others are, `common` are the
 * options that all commands share.
 */
export const mpcCommands = (
  language: Language,
  act: Act,
  voice: (command: Command) => Command,
  common: readonly Option[],
): readonly Command[] => {
  const texts = mpcTexts[language]
  const meeting = (): readonly Option[] => [
    new Option('--listen <port>', texts.listen),
    new Option('--connect <host:port>', texts.connect),
    new Option('--code <code>', texts.code),
    new Option('--local', texts.local),
  ]
  const csv = (): readonly Option[] => [
    new Option('--csv <file>', texts.csv).makeOptionMandatory(),
    new Option('--other-csv <file>', texts.otherCsv),
    new Option('--id <column>', texts.id).default('id'),
  ]
  const bits = (): Option => new Option('--bits <bits>', texts.bits).choices(['32', '64']).default('64')
  const command = (parent: Command, name: string, description: string, options: readonly Option[]): Command => {
    const made = voice(new Command(name)).description(description)
    for (const option of [...options, ...common]) made.addOption(option)
    parent.addCommand(made)
    return made
  }
  const mpc = voice(new Command('mpc')).description(texts.mpc).helpCommand(false)
  command(mpc, 'millionaires', texts.millionaires, [bits(), new Option('--other <number>', texts.other), ...meeting()])
    .argument('<value>', texts.value)
    .action((value: string, options: IntegerOptions) => act(options, (terminal) => millionaires(value, options, terminal)))
  for (const [name, operation] of [
    ['add', 'add'],
    ['mul', 'multiply'],
  ] as const)
    command(mpc, name, texts[operation], [
      bits(),
      new Option('--sharing <sharing>', texts.sharing).choices(['arithmetic', 'boolean']).default('arithmetic'),
      new Option('--other <numbers>', texts.other),
      ...meeting(),
    ])
      .argument('<values>', texts.values)
      .action((values: string, options: IntegerOptions) => act(options, (terminal) => vectors(operation, values, options, terminal)))
  command(mpc, 'bench', texts.bench, [new Option('--seconds <seconds>', texts.seconds).default('1')]).action(
    (options: CommonOptions & { readonly seconds: string }) => act(options, (terminal) => bench(options, terminal)),
  )

  const root = new Command()
  const intersection = command(root, 'psi', texts.psi, [
    ...csv(),
    new Option('--learns <who>', texts.learns).choices(['guest', 'both', 'size']).default('guest'),
    new Option('--most <count>', texts.most).default('2000000'),
    ...meeting(),
  ]).action((options: PsiOptions) => act(options, (terminal) => psi(options, terminal)))

  const learning = voice(new Command('vertical')).description(texts.vertical).helpCommand(false)
  command(learning, 'run', texts.verticalRun, [
    ...csv(),
    new Option('--label <column>', texts.label).default('y'),
    new Option('--link <link>', texts.link).choices(['linear', 'logistic', 'poisson']).default('linear'),
    new Option('--scaling <scaling>', texts.scaling).choices(['none', 'min-max', 'standard']).default('min-max'),
    new Option('--epochs <count>', texts.epochs).default('20'),
    new Option('--rate <rate>', texts.rate).default('0.15'),
    new Option('--l2 <alpha>', texts.l2).default('0.01'),
    new Option('--no-losses', texts.noLosses),
    new Option('--stop-below <share>', texts.stopBelow),
    new Option('--align', texts.align),
    ...meeting(),
  ]).action((options: VerticalOptions) => act(options, (terminal) => vertical(options, terminal)))
  return [mpc, intersection, learning]
}
