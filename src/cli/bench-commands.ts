// `yimeng bench`: speed against others on this machine. Actions load when used.
import { Command, Option } from 'commander'
import type { Language } from '../judge/words.ts'
import type { EngineBenchOptions, SimulateBenchOptions } from './bench/actions.ts'
import { benchTexts } from './bench/texts.ts'
import type { Act } from './options.ts'

/** The command `bench`, to be added to the program; the arguments are those of the other groups of commands. */
export const benchCommands = (
  language: Language,
  act: Act,
  voice: (command: Command) => Command,
  common: readonly Option[],
): readonly Command[] => {
  const texts = benchTexts[language]
  const bench = voice(new Command('bench')).description(texts.bench).helpCommand(false)
  const engine = voice(new Command('engine')).description(texts.engine)
  const own = [
    new Option('--only <workloads>', texts.only),
    new Option('--rounds <count>', texts.rounds).default('3'),
    new Option('--sessions <count>', texts.sessions).default('1'),
    new Option('--python <program>', texts.python).default('python3'),
    new Option('--tfjs <folder>', texts.tfjs),
  ]
  for (const option of [...own, ...common]) engine.addOption(option)
  engine.action((options: EngineBenchOptions) =>
    act(options, async (terminal) => (await import('./bench/actions.ts')).engineBench(options, terminal)),
  )
  bench.addCommand(engine)
  const simulate = voice(new Command('simulate')).description(texts.simulate)
  const measured = [
    new Option('--clients <counts>', texts.clients).default('100,1000,3400,10000'),
    new Option('--rounds <count>', texts.simulatedRounds).default('100'),
    new Option('--cnn <clients>', texts.cnn).default('3400'),
    new Option('--cnn-rounds <count>', texts.cnnRounds).default('20'),
    new Option('--python <program>', texts.flowerPython).default('python3'),
    new Option('--flower-rounds <count>', texts.flowerRounds).default('100'),
  ]
  for (const option of [...measured, ...common]) simulate.addOption(option)
  simulate.action((options: SimulateBenchOptions) =>
    act(options, async (terminal) => (await import('./bench/actions.ts')).simulateBench(options, terminal)),
  )
  bench.addCommand(simulate)
  return [bench]
}
