// An alliance on this machine, and whether it computes what one process computes.
import { makeFolder } from '../../../base/node.ts'
import { run } from '../../../simulation/index.ts'
import { resolveSpec } from '../../../tasks/index.ts'
import type { CommonOptions } from '../../options.ts'
import { specOf } from '../../spec-target.ts'
import type { Terminal } from '../../terminal.ts'
import { practice } from '../practice.ts'
import { writeSiteFiles } from '../site-files.ts'
import { follow, outcome, withRounds } from './runs.ts'
import { textsOf } from './shared.ts'

/** `alliance deal` */
export const deal = async (target: string, options: CommonOptions & { readonly out: string }, terminal: Terminal): Promise<void> => {
  const texts = textsOf(terminal)
  await makeFolder(options.out)
  const files = await writeSiteFiles(await specOf(target, options, terminal), options.out)
  for (const { site, train, test } of files) terminal.say(`${site}: ${train} ${test}`)
  terminal.note(texts.dealt)
  terminal.result({ sites: files })
}

/** `alliance demo` */
export const demo = async (
  options: CommonOptions & { readonly task: string; readonly rounds?: string },
  terminal: Terminal,
): Promise<void> => {
  const texts = textsOf(terminal)
  const spec = withRounds(await specOf(options.task, options, terminal), options.rounds, terminal)
  const founded = await practice(spec)
  try {
    terminal.say(texts.demoBegins(founded.sites.length))
    const end = outcome(await founded.run(spec, follow(terminal)))
    const alone = await run(spec, { home: null })
    const same = alone.modelHash === end['modelHash']
    if (same) terminal.say(terminal.paint('green', texts.demoSame))
    else terminal.warn(terminal.paint('red', texts.demoOther))
    if (resolveSpec(spec).sum === 'plain') terminal.say(texts.readable)
    terminal.result({ ...end, sites: founded.sites, sameAsOneProcess: same })
  } finally {
    await founded.close()
  }
}
