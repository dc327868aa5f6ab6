// `yimeng start`: the first thing that a stranger types. The comparison on the breast-cancer task.
import { specOf } from '../spec-target.ts'
import type { Terminal } from '../terminal.ts'
import { type CompareCommandOptions, compareSpec } from './compare.ts'

/** Five hospitals train together, with a few words about it. */
export const start = async (options: CompareCommandOptions, terminal: Terminal): Promise<void> => {
  const spec = await specOf('breast-cancer', options, terminal)
  terminal.note(terminal.texts.start.intro)
  await compareSpec(spec, options, terminal)
}
