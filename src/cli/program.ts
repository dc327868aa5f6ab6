// The commands, their arguments and help, in one language. Each action is loaded when it is used: help and usage errors need no engine.
import { Command, type CommanderError, type Option } from 'commander'
import { packageVersion } from '../base/node.ts'
import type { Language } from '../judge/words.ts'
import { allianceCommands } from './alliance-commands.ts'
import { attackCommands } from './attack-commands.ts'
import { benchCommands } from './bench-commands.ts'
import type { CompareCommandOptions } from './commands/compare.ts'
import type { DoctorOptions } from './commands/doctor.ts'
import type { EvaluateOptions } from './commands/evaluate.ts'
import type { ExportOptions } from './commands/export.ts'
import type { InitOptions } from './commands/init.ts'
import type { InitImagesOptions } from './commands/init-images.ts'
import type { PredictOptions } from './commands/predict.ts'
import type { RunCommandOptions } from './commands/run.ts'
import type { SweepCommandOptions } from './commands/sweep.ts'
import type { Texts } from './messages/index.ts'
import { mpcCommands } from './mpc.ts'
import { privacyCommands } from './privacy-commands.ts'
import { type Act, type CommonOptions, optionsIn, UsageError } from './options.ts'

const titles = (texts: Texts): Readonly<Record<string, string>> => ({
  'Usage:': texts.help.usage,
  'Arguments:': texts.help.arguments,
  'Options:': texts.help.options,
  'Commands:': texts.help.commands,
})

/** What a mistake in the arguments is called. Commander says it in English only; its codes are stable. */
export const usageText = ({ code, message }: CommanderError, { usage }: Texts): string => {
  const quotedNames = [...message.matchAll(/'([^']*)'/g)].map(([, name]) => name ?? '')
  const name = quotedNames[0] ?? ''
  const option = /'(-[^']*)'/.exec(message)?.[1] ?? name
  const near = /\(Did you mean (?:one of )?([^?]+)\?\)/.exec(message)?.[1]
  const hint = near === undefined ? '' : `; ${usage.didYouMean(near)}`
  switch (code) {
    case 'commander.unknownOption':
      return usage.unknownOption(option) + hint
    case 'commander.unknownCommand':
      return usage.unknownCommand(name) + hint
    case 'commander.missingArgument':
      return usage.missingArgument(name)
    case 'commander.optionMissingArgument':
      return usage.optionMissingArgument(option)
    case 'commander.missingMandatoryOptionValue':
      return usage.missingOption(option)
    case 'commander.excessArguments':
      return usage.tooMany
    default:
      return message.replace(/^error: /, '')
  }
}

/** The program. `act` wraps every action. */
export const program = (texts: Texts, language: Language, act: Act): Command => {
  const { help } = texts
  const option = optionsIn(texts)
  const common = [option.json, option.lang, option.quiet]
  const root = new Command('yimeng')

  const voice = (command: Command): Command =>
    command
      .helpOption('-h, --help', help.help)
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .configureHelp({
        styleTitle: (title) => titles(texts)[title] ?? title,
        optionDescription: (one) => one.description,
        argumentDescription: (one) => one.description,
      })

  const command = (parent: Command, usage: string, description: string, ...options: readonly Option[]): Command => {
    const made = voice(new Command(usage.split(' ')[0])).description(description)
    for (const argument of usage.split(' ').slice(1)) made.argument(argument, argumentText(argument))
    for (const one of [...options, ...common]) made.addOption(one)
    parent.addCommand(made)
    return made
  }
  const argumentText = (argument: string): string => {
    const name = argument.replaceAll(/[<>[\].]/g, '')
    const known: Readonly<Record<string, string>> = {
      'task|spec': help.target,
      run: help.runArgument,
      id: help.runArgument,
      csv: help.csvArgument,
      files: help.filesArgument,
      name: help.dataset,
      names: help.datasets,
    }
    return known[name] ?? ''
  }

  voice(root).description(help.about).version(packageVersion, '-V, --version', help.version).helpCommand(false).addOption(option.lang)

  const specOptions = [option.set, option.seed, option.workers, option.device, option.fallBack]
  command(root, 'start', help.start, ...specOptions, option.seeds, option.outReport).action((options: CompareCommandOptions) =>
    act(options, async (terminal) => (await import('./commands/start.ts')).start(options, terminal)),
  )
  command(
    root,
    'init',
    help.init,
    option.csv,
    option.images,
    option.npz,
    option.scans,
    option.label,
    option.site,
    option.patient,
    option.positive,
    option.categorical,
    option.leaveOut,
    option.outSpec,
    option.force,
  ).action((options: Partial<InitOptions> & InitImagesOptions) =>
    act(options, async (terminal) => {
      if (options.images !== undefined || options.npz !== undefined)
        return (await import('./commands/init-images.ts')).initImages(options, terminal)
      const { csv, label } = options
      if (csv === undefined) throw new UsageError(texts.usage.missingOption('--csv <file>'))
      if (label === undefined) throw new UsageError(texts.usage.missingOption('--label <column>'))
      return (await import('./commands/init.ts')).init({ ...options, csv, label }, terminal)
    }),
  )
  command(root, 'run [task|spec]', help.run, ...specOptions, option.partition, option.out, option.resume).action(
    (target: string | undefined, options: RunCommandOptions) =>
      act(options, async (terminal) => (await import('./commands/run.ts')).runCommand(target, options, terminal)),
  )
  command(
    root,
    'compare <task|spec>',
    help.compare,
    ...specOptions,
    option.methods,
    option.partition,
    option.target,
    option.seeds,
    option.keep,
    option.outReport,
  ).action((target: string, options: CompareCommandOptions) =>
    act(options, async (terminal) => (await import('./commands/compare.ts')).compareCommand(target, options, terminal)),
  )
  command(root, 'doctor <task|spec>', help.doctor, ...specOptions, option.partition, option.tryIt, option.seeds, option.outReport).action(
    (target: string, options: DoctorOptions) =>
      act(options, async (terminal) => (await import('./commands/doctor.ts')).doctorCommand(target, options, terminal)),
  )
  command(
    root,
    'sweep <task|spec>',
    help.sweep,
    option.set,
    option.partition,
    option.methods,
    option.vary,
    option.trials,
    option.eta,
    option.sweepSeed,
    option.sweepSeeds,
    option.workers,
  ).action((target: string, { halving, ...options }: SweepCommandOptions & { readonly halving?: number }) =>
    act(options, async (terminal) =>
      (await import('./commands/sweep.ts')).sweepCommand(
        target,
        { ...options, ...(halving === undefined ? {} : { eta: halving }) },
        terminal,
      ),
    ),
  )
  command(root, 'predict <run> <files...>', help.predict, option.outPredictions, option.force).action(
    (run: string, files: readonly string[], options: PredictOptions) =>
      act(options, async (terminal) => (await import('./commands/predict.ts')).predictCommand(run, files, options, terminal)),
  )
  command(root, 'evaluate <run>', help.evaluate, option.testData.makeOptionMandatory()).action((run: string, options: EvaluateOptions) =>
    act(options, async (terminal) => (await import('./commands/evaluate.ts')).evaluateCommand(run, options, terminal)),
  )

  command(root, 'export <run>', help.export, option.onnx, option.safetensors, option.onnxRows, option.force).action(
    (run: string, options: ExportOptions) =>
      act(options, async (terminal) => (await import('./commands/export.ts')).exportCommand(run, options, terminal)),
  )

  const data = voice(new Command('data')).description(help.data).helpCommand(false)
  root.addCommand(data)
  command(data, 'list', help.dataList).action((options: CommonOptions) =>
    act(options, async (terminal) => (await import('./commands/data.ts')).dataList(terminal)),
  )
  command(data, 'describe <name>', help.dataDescribe).action((name: string, options: CommonOptions) =>
    act(options, async (terminal) => (await import('./commands/data.ts')).dataDescribe(name, terminal)),
  )
  command(data, 'get <name>', help.dataGet).action((name: string, options: CommonOptions) =>
    act(options, async (terminal) => (await import('./commands/data.ts')).dataGet(name, terminal)),
  )
  command(data, 'verify [names...]', help.dataVerify).action((names: readonly string[], options: CommonOptions) =>
    act(options, async (terminal) => (await import('./commands/data.ts')).dataVerify(names, terminal)),
  )

  const runs = voice(new Command('runs')).description(help.runs).helpCommand(false)
  root.addCommand(runs)
  command(runs, 'list', help.runsList).action((options: CommonOptions) =>
    act(options, async (terminal) => (await import('./commands/runs.ts')).runsList(terminal)),
  )
  command(runs, 'show <id>', help.runsShow).action((id: string, options: CommonOptions) =>
    act(options, async (terminal) => (await import('./commands/runs.ts')).runsShow(id, terminal)),
  )
  command(root, 'schema', help.schema).action((options: CommonOptions) =>
    act(options, async (terminal) => (await import('./commands/schema.ts')).schema(terminal)),
  )
  const alliance = allianceCommands(language, act, voice, common)
  for (const one of alliance.ofRuns) runs.addCommand(one)
  for (const one of [
    ...mpcCommands(language, act, voice, common),
    ...alliance.own,
    ...privacyCommands(language, act, voice, common),
    ...attackCommands(language, act, voice, common),
    ...benchCommands(language, act, voice, common),
  ])
    root.addCommand(one)
  return root
}

export { UsageError }
