// `yimeng privacy plan|report|ledger`: noise before a run, what a run cost after it, and what a site has spent over all. Actions load when used.
import { Command, Option } from 'commander'
import type { Language } from '../judge/words.ts'
import type { Act, CommonOptions } from './options.ts'
import type { LedgerOptions, PlanOptions } from './privacy/actions.ts'
import { privacyTexts } from './privacy/texts.ts'

const actions = () => import('./privacy/actions.ts')

/**
 * The command `privacy`, to be added to the program. `act` gives each action its terminal, `voice` prepares a command as the program's others are, `common` are the options that all
 * commands share.
 */
export const privacyCommands = (
  language: Language,
  act: Act,
  voice: (command: Command) => Command,
  common: readonly Option[],
): readonly Command[] => {
  const texts = privacyTexts[language]
  const privacy = voice(new Command('privacy')).description(texts.privacy).helpCommand(false)
  const command = (name: string, description: string, options: readonly Option[]): Command => {
    const made = voice(new Command(name)).description(description)
    for (const option of [...options, ...common]) made.addOption(option)
    privacy.addCommand(made)
    return made
  }
  command('plan', texts.plan, [
    new Option('--epsilon <number>', texts.epsilon).makeOptionMandatory(),
    new Option('--delta <number>', texts.delta).default('1e-5'),
    new Option('--rounds <count>', texts.rounds).makeOptionMandatory(),
    new Option('--poisson <probability>', texts.poisson),
    new Option('--accountant <name>', texts.accountant).choices(['rdp', 'pld']).default('rdp'),
  ]).action((options: PlanOptions) => act(options, async (terminal) => (await actions()).planned(options, terminal)))
  command('report', texts.report, [])
    .argument('<run>', texts.run)
    .action((run: string, options: CommonOptions) => act(options, async (terminal) => (await actions()).reported(run, terminal)))
  command('ledger', texts.ledger, [new Option('--delta <number>', texts.delta).default('1e-5')])
    .argument('<folder>', texts.folder)
    .action((folder: string, options: LedgerOptions) =>
      act(options, async (terminal) => (await actions()).ledgerShown(folder, options, terminal)),
    )
  return [privacy]
}
