// What `run` and `compare` are pointed at: a task's name or a spec file, with what the options lay over it.
import { type RunSpecInput, readRunSpec, resolveSpec, taskOf, withOverrides } from '../tasks/index.ts'
import type { SpecOptions } from './options.ts'
import { partitionOf } from './partition-text.ts'
import type { Terminal } from './terminal.ts'

/** Whether a target means a file: by its ending or a folder in it. No task's name has either. */
const isFile = (target: string): boolean => /[/\\]|\.[a-z0-9]+$/i.test(target)

/** The spec, checked whole before anything is done. */
export const specOf = async (target: string, options: SpecOptions, { language, texts }: Terminal): Promise<RunSpecInput> => {
  const written = isFile(target) ? await readRunSpec(target, language) : { task: target }
  const overridden = withOverrides(written, [
    ...(options.device === undefined ? [] : [`engine.device=${options.device}`]),
    ...(options.fallBack === true ? ['engine.fallBack=true'] : []),
    ...(options.set ?? []),
  ])
  const seeded = options.seed === undefined ? overridden : { ...overridden, seed: options.seed }
  const spec = options.partition === undefined ? seeded : { ...seeded, partition: partitionOf(options.partition, texts) }
  resolveSpec(spec, { language, ...(isFile(target) ? { file: target } : {}) })
  return spec
}

/** What messages call a spec's task. */
export const taskName = (task: RunSpecInput['task']): string => (typeof task === 'string' ? task : taskOf(resolveSpec({ task }).task).name)
