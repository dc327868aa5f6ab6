// How people name a run: its name, the beginning of it, or `last`; a model also by its file.
import { YimengError } from '../base/index.ts'
import { listRuns, loadModel, modelOf, type TrainedModel } from '../simulation/index.ts'

/** A name that the journal understands: `last` becomes the newest run that is finished, or that can go on; everything else stays. @throws YimengError `run-none` */
export const runNamed = async (reference: string, wanted: 'finished' | 'unfinished' = 'finished'): Promise<string> => {
  if (reference !== 'last') return reference
  const isWanted = (status: string) =>
    wanted === 'finished' ? status === 'finished' : ['cancelled', 'interrupted', 'failed'].includes(status)
  const last = (await listRuns()).find(({ status }) => isWanted(status))
  if (last === undefined)
    throw new YimengError({
      code: 'run-none',
      cannot: 'find run',
      expected: wanted === 'finished' ? 'a finished run' : 'a run that can go on',
      got: 'none',
    })
  return last.runId
}

/** A trained model, by run or by file. @throws YimengError for unknown and unfinished runs, missing and damaged files */
export const modelBy = async (reference: string): Promise<TrainedModel> =>
  reference.endsWith('.safetensors') ? loadModel(reference) : modelOf(await runNamed(reference))
