// `yimeng evaluate`: a trained model on a table, or pictures, with known labels that it has never seen: another hospital's, or next year's.
import { type Column, readingOf, readTable, type Schema } from '../../data/index.ts'
import { csvFile, loadImages } from '../../data/node.ts'
import { evaluate, type TrainedModel } from '../../simulation/index.ts'
import { isTable, isTablePreparation, modelContent, type TaskData } from '../../tasks/index.ts'
import { confusionText, measureTable } from '../measure-table.ts'
import type { CommonOptions } from '../options.ts'
import { modelBy } from '../run-reference.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `evaluate`. */
export interface EvaluateOptions extends CommonOptions {
  readonly data: string
}

/** The data that a model reads, as its preparation says: a table's columns, or pictures of a shape from a folder or a NumPy file. */
const dataOf = async (model: TrainedModel, path: string): Promise<TaskData> => {
  const { preprocessing } = modelContent(model.bytes)
  if (isTablePreparation(preprocessing)) {
    const { columns, label, missing } = preprocessing
    const column = (one: (typeof columns)[number]): Column => {
      const { missing: markers, ...rest } = one
      return { ...rest, ...(markers === undefined ? {} : { missing: markers }) }
    }
    const schema: Schema = {
      features: columns.map(column),
      label: label.kind === 'numeric' ? { kind: 'numeric', name: label.name } : label,
      ...(missing === undefined ? {} : { missing }),
    }
    return readTable(csvFile(path), schema, { oneClass: 'allow' })
  }
  const recipe = { shape: preprocessing.shape, ...readingOf(preprocessing) }
  return loadImages(path.endsWith('.npz') ? { npz: path, recipe, classes: model.classes ?? [] } : { images: path, ...recipe })
}

/** Reads, predicts, measures. */
export const evaluateCommand = async (reference: string, options: EvaluateOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, warn, paint, result } = terminal
  const model = await modelBy(reference)
  const dataset = await dataOf(model, options.data)
  const unknown = isTable(dataset) ? (dataset.unknown ?? {}) : {}
  const evaluation = await evaluate(model, dataset)
  say(measureTable(terminal, evaluation, {}))
  const confusion = confusionText(terminal, evaluation, model.classes)
  if (confusion !== '') say(`\n${confusion}`)
  say(`\n${texts.evaluate.done(evaluation.rows, options.data)}`)
  for (const [column, cells] of Object.entries(unknown)) warn(paint('yellow', texts.evaluate.unknown(column, cells)))
  result({
    command: 'evaluate',
    task: model.task,
    modelHash: model.hash,
    rows: evaluation.rows,
    metrics: evaluation.metrics,
    ...(evaluation.confusion === undefined ? {} : { confusion: evaluation.confusion }),
    unknown,
  })
}
