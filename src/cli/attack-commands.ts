// `yimeng attack`: the attack self-test of a run. Actions load when used.
import { Command, Option } from 'commander'
import type { Language } from '../judge/words.ts'
import type { AttackCommandOptions } from './attack/actions.ts'
import { attackCommandTexts } from './attack/texts.ts'
import type { Act } from './options.ts'

/**
 * The command `attack`, to be added to the program. `act` gives it its terminal, `voice` prepares a command as the program's others are, `common` are the options that all commands share.
 */
export const attackCommands = (
  language: Language,
  act: Act,
  voice: (command: Command) => Command,
  common: readonly Option[],
): readonly Command[] => {
  const texts = attackCommandTexts[language]
  const made = voice(new Command('attack')).description(texts.attack).argument('<run>', texts.run)
  const options = [
    new Option('--rows <count>', texts.rows),
    new Option('--steps <count>', texts.steps),
    new Option('--shadows <count>', texts.shadows),
    new Option('--epsilon <number>', texts.epsilon),
    new Option('--out <folder>', texts.out),
  ]
  for (const option of [...options, ...common]) made.addOption(option)
  return [
    made.action((run: string, given: AttackCommandOptions) =>
      act(given, async (terminal) => (await import('./attack/actions.ts')).attackCommand(run, given, terminal)),
    ),
  ]
}
