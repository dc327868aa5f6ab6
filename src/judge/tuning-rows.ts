// Which rows settings are judged by while tuning: never the test rows of the comparison that follows.
import { seed as rootSeed } from '../base/index.ts'
import { splitRows } from '../data/index.ts'
import type { RunSpec, RunSpecInput, Task } from '../tasks/index.ts'

/**
 * A task and split to tune on. A split that comes with the data keeps its test rows out altogether: a fifth of the training rows judges instead. A random split is drawn
 * anew from the tuning seed.
 */
export const tuningTask = (
  task: Task,
  split: RunSpec['split'],
  seed: number,
): { readonly task: Task; readonly split: NonNullable<RunSpecInput['split']> } => {
  if (split.kind === 'random') return { task, split: { kind: 'random', testShare: split.testShare } }
  return {
    split,
    task: {
      ...task,
      load: async () => {
        const dataset = await task.load()
        if (dataset.split === undefined) return dataset
        const { train, test } = splitRows({ dataset, rows: dataset.split.train, testShare: 0.2, seed: rootSeed(seed).split('tuning') })
        return { ...dataset, split: { train, validation: new Uint32Array(0), test } }
      },
    },
  }
}
