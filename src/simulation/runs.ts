// The runs of a home folder: listed, shown, and their models.
import { existsSync } from 'node:fs'
import { YimengError } from '../base/index.ts'
import { type Journal, type JournalledRun, openJournal } from '../runtime/index.ts'
import { type TrainedModel, trainedModelOf } from '../tasks/index.ts'
import { journalPath } from './run.ts'
import type { RunRecord, RunSummary } from './types.ts'

/** Where the runs are. Default: `YIMENG_HOME`, else the platform's user data folder. */
export interface HomeOption {
  readonly home?: string
}

/** Reading must not make a home where none is: then there are no runs. */
const reading = async <T>({ home }: HomeOption, work: (journal: Journal) => Promise<T>): Promise<T> => {
  const path = journalPath(home)
  const journal = await openJournal(existsSync(path) ? path : ':memory:')
  try {
    return await work(journal)
  } finally {
    await journal.close()
  }
}

const summary = (run: JournalledRun): RunSummary => {
  const { spec: _spec, dataHash: _dataHash, ...rest } = run
  return rest
}

/** All runs, the latest first. */
export const listRuns = (options: HomeOption = {}): Promise<readonly RunSummary[]> =>
  reading(options, async (journal) => (await journal.runs()).map(summary))

/** A run with its spec and events. `name` may be the beginning of its name. @throws YimengError `run-unknown`, `run-ambiguous` */
export const showRun = (name: string, options: HomeOption = {}): Promise<RunRecord> =>
  reading(options, async (journal) => {
    const run = await journal.find(name)
    return { ...summary(run), spec: run.spec, events: await journal.events(run.runId) }
  })

/** The model of a finished run. @throws YimengError `run-unknown`, `run-ambiguous`, `run-unfinished` */
export const modelOfRun = (name: string, options: HomeOption = {}): Promise<TrainedModel> =>
  reading(options, async (journal) => {
    const { runId, status } = await journal.find(name)
    const bytes = await journal.model(runId)
    if (bytes === undefined)
      throw new YimengError({
        code: 'run-unfinished',
        cannot: 'take model of run',
        expected: 'a finished run',
        got: `one that is ${status}`,
        where: { run: runId },
      })
    return trainedModelOf(bytes)
  })
