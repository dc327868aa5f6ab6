// A task: a data set, what its label means, and the run that suits it. Names bundle these for the command line; a person's own task is the same record.
import type { RunSpecInput } from './run-spec.ts'
import type { Language } from './spec-issues.ts'
import type { TaskData } from './task-data.ts'

/** A text in every language of the product. */
export type Told = Readonly<Record<Language, string>>

/** A named bundle: data, label and default run. */
export interface Task {
  readonly name: string
  readonly title: Told
  /** One sentence: what is predicted, from what, where. */
  readonly about: Told
  /** May hold every field of a spec but the task itself; a spec's own fields are laid over these. */
  readonly defaults: Omit<RunSpecInput, 'task' | '$schema'>
  /** Reads the data: rows with labels, and with sites and a split if the spec asks for natural sites or the given split. Throws `YimengError` when they are missing or broken. */
  readonly load: () => Promise<TaskData>
}
