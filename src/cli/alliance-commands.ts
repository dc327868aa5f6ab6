// `yimeng up|invite|nodes|node …|alliance …|runs watch|runs cancel|audit …`: the alliance's commands and their options. What they do is loaded when it is used.
import { Command, Option } from 'commander'
import type { Language } from '../judge/words.ts'
import type * as Actions from './alliance/actions/index.ts'
import { allianceTexts } from './alliance/texts/index.ts'
import type { Act, CommonOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** The options of an action, as Commander gives them. */
type Asked<K extends keyof typeof Actions> = Exclude<Parameters<(typeof Actions)[K]>[number], string | Terminal>

/**
 * The commands of the alliance, to be added to the program: some of their own, and some of `runs`. `act` gives each its terminal, `voice` prepares a command as the program's others are, `common` are the options that
 * all commands share.
 */
export const allianceCommands = (
  language: Language,
  act: Act,
  voice: (command: Command) => Command,
  common: readonly Option[],
): { readonly own: readonly Command[]; readonly ofRuns: readonly Command[] } => {
  const texts = allianceTexts[language]
  const gathered = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]
  const coordinatorFolder = new Option('--folder <folder>', texts.coordinatorFolder)
  const personFolder = new Option('--folder <folder>', texts.personFolder)
  const tunnel = new Option('--tunnel', texts.tunnel)
  const log = new Option('--log', texts.log)
  const database = new Option('--database <url>', texts.database)
  const nodeFolder = new Option('--folder <folder>', texts.nodeFolder)
  const group = (name: string, description: string): Command => voice(new Command(name)).description(description).helpCommand(false)
  const command = <O extends CommonOptions>(
    name: string,
    description: string,
    words: readonly (readonly [name: string, text: string])[],
    options: readonly Option[],
    work: (actions: typeof Actions, words: readonly string[], options: O, terminal: Terminal) => Promise<void>,
  ): Command => {
    const made = voice(new Command(name)).description(description)
    for (const [word, text] of words) made.argument(`<${word}>`, text)
    for (const option of [...options, ...common]) made.addOption(option)
    return made.action((...given: readonly unknown[]) => {
      const asked = given[words.length] as O
      const said = given.slice(0, words.length) as readonly string[]
      return act(asked, async (terminal) => work(await import('./alliance/actions/index.ts'), said, asked, terminal))
    })
  }

  const up = command<Asked<'up'>>(
    'up',
    texts.up,
    [],
    [
      coordinatorFolder,
      database,
      new Option('--blobs <place>', texts.blobs),
      new Option('--host <address>', texts.host).default('127.0.0.1'),
      new Option('--port <port>', texts.port).default('7443'),
      new Option('--name <name>', texts.name).argParser(gathered),
      new Option('--metrics <port>', texts.metrics),
      log,
    ],
    (actions, _, options, terminal) => actions.up(options, terminal),
  )
  const invite = command<Asked<'invite'>>(
    'invite',
    texts.invite,
    [['name', texts.invitee]],
    [personFolder, new Option('--role <role>', texts.role).choices(['site', 'operator', 'scientist', 'steward', 'viewer']).default('site')],
    (actions, [name = ''], options, terminal) => actions.invite(name, options, terminal),
  )
  const nodes = command<Asked<'nodes'>>('nodes', texts.nodes, [], [personFolder], (actions, _, options, terminal) =>
    actions.nodes(options, terminal),
  )

  const node = group('node', texts.node)
  node.addCommand(
    command<Asked<'nodeJoin'>>(
      'join',
      texts.nodeJoin,
      [
        ['url', texts.url],
        ['code', texts.code],
      ],
      [nodeFolder, new Option('--approval <rule>', texts.approval).choices(['each', 'all']).default('each'), tunnel],
      (actions, [url = '', code = ''], options, terminal) => actions.nodeJoin(url, code, options, terminal),
    ),
  )
  node.addCommand(
    command<Asked<'nodeStart'>>('start', texts.nodeStart, [], [nodeFolder, log], (actions, _, options, terminal) =>
      actions.nodeStart(options, terminal),
    ),
  )
  node.addCommand(
    command<Asked<'nodeStatus'>>('status', texts.nodeStatus, [], [nodeFolder], (actions, _, options, terminal) =>
      actions.nodeStatus(options, terminal),
    ),
  )
  node.addCommand(
    command<Asked<'nodeApprove'>>(
      'approve',
      texts.nodeApprove,
      [['hash', texts.hash]],
      [nodeFolder],
      (actions, [hash = ''], options, terminal) => actions.nodeApprove(hash, options, terminal),
    ),
  )
  node.addCommand(
    command<Asked<'nodeDryRun'>>(
      'dry-run',
      texts.nodeDryRun,
      [['task|spec', texts.target]],
      [nodeFolder, new Option('--out <folder>', texts.dryOut)],
      (actions, [target = ''], options, terminal) => actions.nodeDryRun(target, options, terminal),
    ),
  )
  node.addCommand(
    command<Asked<'nodeCheck'>>('check', texts.nodeCheck, [['url', texts.url]], [nodeFolder], (actions, [url = ''], options, terminal) =>
      actions.nodeCheck(url, options, terminal),
    ),
  )
  node.addCommand(
    command<Asked<'nodePolicy'>>(
      'policy',
      texts.nodePolicy,
      [],
      [
        nodeFolder,
        new Option('--approval <rule>', texts.approval).choices(['each', 'all']),
        new Option('--tasks <names>', texts.allowedTasks),
        new Option('--sums <names>', texts.allowedSums),
        new Option('--smallest-cohort <sites>', texts.smallestCohort),
        new Option('--largest-epsilon <number>', texts.largestEpsilon),
        new Option('--hours <from-to>', texts.hours),
      ],
      (actions, _, options, terminal) => actions.nodePolicy(options, terminal),
    ),
  )
  const data = group('data', texts.nodeData)
  data.addCommand(
    command<Asked<'nodeDataAdd'>>(
      'add',
      texts.nodeDataAdd,
      [['data', texts.data]],
      [nodeFolder, new Option('--task <task>', texts.task).makeOptionMandatory(), new Option('--test <csv>', texts.test)],
      (actions, [place = ''], options, terminal) => actions.nodeDataAdd(place, options, terminal),
    ),
  )
  node.addCommand(data)

  const alliance = group('alliance', texts.alliance)
  alliance.addCommand(
    command<Asked<'personJoin'>>(
      'join',
      texts.allianceJoin,
      [
        ['url', texts.url],
        ['code', texts.code],
      ],
      [personFolder, tunnel],
      (actions, [url = '', code = ''], options, terminal) => actions.personJoin(url, code, options, terminal),
    ),
  )
  alliance.addCommand(
    command<Asked<'allianceRun'>>(
      'run',
      texts.allianceRun,
      [['task|spec', texts.target]],
      [
        personFolder,
        new Option('--sites <names>', texts.sites),
        new Option('--rounds <count>', texts.rounds),
        new Option('--detach', texts.detach),
      ],
      (actions, [target = ''], options, terminal) => actions.allianceRun(target, options, terminal),
    ),
  )
  alliance.addCommand(
    command<Asked<'allianceRuns'>>('runs', texts.allianceRuns, [], [personFolder], (actions, _, options, terminal) =>
      actions.allianceRuns(options, terminal),
    ),
  )
  alliance.addCommand(
    command<Asked<'revoke'>>(
      'revoke',
      texts.allianceRevoke,
      [['name', texts.invitee]],
      [personFolder],
      (actions, [name = ''], options, terminal) => actions.revoke(name, options, terminal),
    ),
  )
  alliance.addCommand(
    command<Asked<'deal'>>(
      'deal',
      texts.deal,
      [['task|spec', texts.target]],
      [new Option('--out <folder>', texts.dealOut).default('sites')],
      (actions, [target = ''], options, terminal) => actions.deal(target, options, terminal),
    ),
  )
  alliance.addCommand(
    command<Asked<'demo'>>(
      'demo',
      texts.demo,
      [],
      [new Option('--task <task>', texts.task).default('breast-cancer'), new Option('--rounds <count>', texts.rounds)],
      (actions, _, options, terminal) => actions.demo(options, terminal),
    ),
  )
  const audit = group('audit', texts.audit)
  audit.addCommand(
    command<Asked<'auditVerify'>>('verify', texts.auditVerify, [], [coordinatorFolder, database], (actions, _, options, terminal) =>
      actions.auditVerify(options, terminal),
    ),
  )
  audit.addCommand(
    command<Asked<'auditShow'>>(
      'show',
      texts.auditShow,
      [],
      [personFolder, new Option('--last <count>', texts.last).default('50')],
      (actions, _, options, terminal) => actions.auditShow(options, terminal),
    ),
  )
  const ofRuns = [
    command<Asked<'runsWatch'>>('watch', texts.runsWatch, [['run', texts.run]], [personFolder], (actions, [run = ''], options, terminal) =>
      actions.runsWatch(run, options, terminal),
    ),
    command<Asked<'runsCancel'>>(
      'cancel',
      texts.runsCancel,
      [['run', texts.run]],
      [personFolder],
      (actions, [run = ''], options, terminal) => actions.runsCancel(run, options, terminal),
    ),
  ]
  return { own: [up, invite, nodes, node, alliance, audit], ofRuns }
}
