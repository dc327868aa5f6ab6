// `yimeng up|invite|nodes|node …|alliance …|runs watch|runs cancel|audit …`: the alliance's commands and their options. What they do is loaded when it is used.
import { Command, Option } from 'commander'
import type { Language } from '../judge/words.ts'
import type * as Actions from './alliance/actions/index.ts'
import { allianceTexts } from './alliance/texts/index.ts'
import type { Act } from './options.ts'
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
  const command = <K extends keyof typeof Actions>(
    does: K,
    name: string,
    description: string,
    words: readonly (readonly [name: string, text: string])[],
    options: readonly Option[],
    work: (action: (typeof Actions)[K], words: readonly string[], options: Asked<K>, terminal: Terminal) => Promise<void>,
  ): Command => {
    const made = voice(new Command(name)).description(description)
    for (const [word, text] of words) made.argument(`<${word}>`, text)
    for (const option of [...options, ...common]) made.addOption(option)
    return made.action((...given: readonly unknown[]) => {
      const asked = given[words.length] as Asked<K>
      const said = given.slice(0, words.length) as readonly string[]
      return act(asked, async (terminal) => work((await import('./alliance/actions/index.ts'))[does], said, asked, terminal))
    })
  }

  const up = command(
    'up',
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
    (action, _, options, terminal) => action(options, terminal),
  )
  const invite = command(
    'invite',
    'invite',
    texts.invite,
    [['name', texts.invitee]],
    [personFolder, new Option('--role <role>', texts.role).choices(['site', 'operator', 'scientist', 'steward', 'viewer']).default('site')],
    (action, [name = ''], options, terminal) => action(name, options, terminal),
  )
  const nodes = command('nodes', 'nodes', texts.nodes, [], [personFolder], (action, _, options, terminal) => action(options, terminal))

  const node = group('node', texts.node)
  node.addCommand(
    command(
      'nodeJoin',
      'join',
      texts.nodeJoin,
      [
        ['url', texts.url],
        ['code', texts.code],
      ],
      [nodeFolder, new Option('--approval <rule>', texts.approval).choices(['each', 'all']).default('each'), tunnel],
      (action, [url = '', code = ''], options, terminal) => action(url, code, options, terminal),
    ),
  )
  node.addCommand(
    command('nodeStart', 'start', texts.nodeStart, [], [nodeFolder, log], (action, _, options, terminal) => action(options, terminal)),
  )
  node.addCommand(
    command('nodeStatus', 'status', texts.nodeStatus, [], [nodeFolder], (action, _, options, terminal) => action(options, terminal)),
  )
  node.addCommand(
    command('nodeApprove', 'approve', texts.nodeApprove, [['hash', texts.hash]], [nodeFolder], (action, [hash = ''], options, terminal) =>
      action(hash, options, terminal),
    ),
  )
  node.addCommand(
    command(
      'nodeDryRun',
      'dry-run',
      texts.nodeDryRun,
      [['task|spec', texts.target]],
      [nodeFolder, new Option('--out <folder>', texts.dryOut)],
      (action, [target = ''], options, terminal) => action(target, options, terminal),
    ),
  )
  node.addCommand(
    command('nodeCheck', 'check', texts.nodeCheck, [['url', texts.url]], [nodeFolder], (action, [url = ''], options, terminal) =>
      action(url, options, terminal),
    ),
  )
  node.addCommand(
    command(
      'nodePolicy',
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
      (action, _, options, terminal) => action(options, terminal),
    ),
  )
  const data = group('data', texts.nodeData)
  data.addCommand(
    command(
      'nodeDataAdd',
      'add',
      texts.nodeDataAdd,
      [['data', texts.data]],
      [nodeFolder, new Option('--task <task>', texts.task).makeOptionMandatory(), new Option('--test <csv>', texts.test)],
      (action, [place = ''], options, terminal) => action(place, options, terminal),
    ),
  )
  node.addCommand(data)

  const alliance = group('alliance', texts.alliance)
  alliance.addCommand(
    command(
      'personJoin',
      'join',
      texts.allianceJoin,
      [
        ['url', texts.url],
        ['code', texts.code],
      ],
      [personFolder, tunnel],
      (action, [url = '', code = ''], options, terminal) => action(url, code, options, terminal),
    ),
  )
  alliance.addCommand(
    command(
      'allianceRun',
      'run',
      texts.allianceRun,
      [['task|spec', texts.target]],
      [
        personFolder,
        new Option('--sites <names>', texts.sites),
        new Option('--rounds <count>', texts.rounds),
        new Option('--detach', texts.detach),
      ],
      (action, [target = ''], options, terminal) => action(target, options, terminal),
    ),
  )
  alliance.addCommand(
    command('allianceRuns', 'runs', texts.allianceRuns, [], [personFolder], (action, _, options, terminal) => action(options, terminal)),
  )
  alliance.addCommand(
    command('revoke', 'revoke', texts.allianceRevoke, [['name', texts.invitee]], [personFolder], (action, [name = ''], options, terminal) =>
      action(name, options, terminal),
    ),
  )
  alliance.addCommand(
    command(
      'deal',
      'deal',
      texts.deal,
      [['task|spec', texts.target]],
      [new Option('--out <folder>', texts.dealOut).default('sites')],
      (action, [target = ''], options, terminal) => action(target, options, terminal),
    ),
  )
  alliance.addCommand(
    command(
      'demo',
      'demo',
      texts.demo,
      [],
      [new Option('--task <task>', texts.task).default('breast-cancer'), new Option('--rounds <count>', texts.rounds)],
      (action, _, options, terminal) => action(options, terminal),
    ),
  )
  const audit = group('audit', texts.audit)
  audit.addCommand(
    command('auditVerify', 'verify', texts.auditVerify, [], [coordinatorFolder, database], (action, _, options, terminal) =>
      action(options, terminal),
    ),
  )
  audit.addCommand(
    command(
      'auditShow',
      'show',
      texts.auditShow,
      [],
      [personFolder, new Option('--last <count>', texts.last).default('50')],
      (action, _, options, terminal) => action(options, terminal),
    ),
  )
  const ofRuns = [
    command('runsWatch', 'watch', texts.runsWatch, [['run', texts.run]], [personFolder], (action, [run = ''], options, terminal) =>
      action(run, options, terminal),
    ),
    command('runsCancel', 'cancel', texts.runsCancel, [['run', texts.run]], [personFolder], (action, [run = ''], options, terminal) =>
      action(run, options, terminal),
    ),
  ]
  return { own: [up, invite, nodes, node, alliance, audit], ofRuns }
}
