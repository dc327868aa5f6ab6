// `yimeng mpc millionaires|add|mul|infer|stock|bench`, `yimeng psi`, `yimeng vertical run`: secure computation between two terminals, or two processes with --local. Actions load when used.
import { Argument, Command, Option } from 'commander'
import type { Language } from '../judge/words.ts'
import type { BenchOptions, InferOptions, IntegerOptions, PsiOptions, StockOptions, VerticalOptions } from './mpc/actions.ts'
import { mpcTexts } from './mpc/texts.ts'
import type { Act, CommonOptions } from './options.ts'

const actions = () => import('./mpc/actions.ts')

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
  const running = (): readonly Option[] => [
    new Option('--stock <name>', texts.stockUse),
    new Option('--check-transfers', texts.checkTransfers),
  ]
  const sharing = (): Option => new Option('--sharing <sharing>', texts.sharing).choices(['arithmetic', 'boolean']).default('arithmetic')
  const bits = (): Option => new Option('--bits <bits>', texts.bits).choices(['32', '64']).default('64')
  const command = (parent: Command, name: string, description: string, options: readonly Option[]): Command => {
    const made = voice(new Command(name)).description(description)
    for (const option of [...options, ...common]) made.addOption(option)
    parent.addCommand(made)
    return made
  }
  const mpc = voice(new Command('mpc')).description(texts.mpc).helpCommand(false)
  command(mpc, 'millionaires', texts.millionaires, [bits(), new Option('--other <number>', texts.other), ...running(), ...meeting()])
    .argument('<value>', texts.value)
    .action((value: string, options: IntegerOptions) =>
      act(options, async (terminal) => (await actions()).millionaires(value, options, terminal)),
    )
  for (const [name, operation] of [
    ['add', 'add'],
    ['mul', 'multiply'],
  ] as const)
    command(mpc, name, texts[operation], [bits(), sharing(), new Option('--other <numbers>', texts.other), ...running(), ...meeting()])
      .argument('<values>', texts.values)
      .action((values: string, options: IntegerOptions) =>
        act(options, async (terminal) => (await actions()).vectors(operation, values, options, terminal)),
      )
  command(mpc, 'infer', texts.infer, [
    new Option('--csv <file>', texts.inferCsv),
    new Option('--id <column>', texts.id).default('id'),
    new Option('--model <file>', texts.inferModel),
    new Option('--shows <what>', texts.inferShows).choices(['class', 'outputs']).default('class'),
    ...running(),
    ...meeting(),
  ]).action((options: InferOptions) => act(options, async (terminal) => (await actions()).infer(options, terminal)))
  command(mpc, 'bench', texts.bench, [
    new Option('--seconds <seconds>', texts.seconds).default('1'),
    new Option('--aby-binary <path>', texts.abyBinary),
  ]).action((options: BenchOptions) => act(options, async (terminal) => (await actions()).bench(options, terminal)))

  const stocks = voice(new Command('stock')).description(texts.stock).helpCommand(false)
  mpc.addCommand(stocks)
  command(stocks, 'make', texts.stockMake, [
    new Option('--for <program>', texts.stockFor)
      .choices(['millionaires', 'mul', 'linear', 'logistic', 'poisson', 'amounts'])
      .makeOptionMandatory(),
    bits(),
    sharing(),
    new Option('--rows <count>', texts.stockRows).default('1000'),
    new Option('--columns <count>', texts.stockColumns).default('10'),
    new Option('--epochs <count>', texts.epochs).default('20'),
    new Option('--products <count>', texts.stockProducts).default('0'),
    new Option('--bit-gates <count>', texts.stockBitGates).default('0'),
    new Option('--count <count>', texts.stockCount).default('1'),
    ...meeting(),
  ])
    .argument('<name>', texts.peerName)
    .action((name: string, options: StockOptions) => act(options, async (terminal) => (await actions()).stockMake(name, options, terminal)))
  command(stocks, 'show', texts.stockShow, [])
    .argument('<name>', texts.peerName)
    .action((name: string, options: CommonOptions) => act(options, async (terminal) => (await actions()).stockShow(name, terminal)))

  const root = new Command()
  // one command with two forms: options of a subcommand would be taken by their parent
  const intersection = command(root, 'psi', texts.psi, [
    ...csv(),
    new Option('--learns <who>', texts.learns).choices(['guest', 'both', 'size', 'threshold']).default('guest'),
    new Option('--at-least <count>', texts.atLeast),
    new Option('--most <count>', texts.most).default('2000000'),
    new Option('--budget <count>', texts.budget),
    new Option('--peer <name>', texts.peerName).default('peer'),
    ...meeting(),
    new Option('--party <number>', texts.party).default('0'),
    new Option('--parties <count>', texts.parties).default('3'),
  ])
    .addArgument(new Argument('[count]', texts.count).choices(['count']))
    .action((counting: 'count' | undefined, options: PsiOptions) =>
      act(options, async (terminal) => {
        const { count, psi } = await actions()
        await (counting === undefined ? psi : count)(options, terminal)
      }),
    )

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
    new Option('--evaluate <how>', texts.evaluate).choices(['scores', 'private']).default('scores'),
    new Option('--hold-out <share>', texts.holdOut).default('0'),
    ...running(),
    ...meeting(),
  ]).action((options: VerticalOptions) => act(options, async (terminal) => (await actions()).vertical(options, terminal)))
  return [mpc, intersection, learning]
}
