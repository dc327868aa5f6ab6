// `yimeng evaluate`: a trained model on a table with known labels that it has never seen: another hospital's, or next year's.
import { YimengError } from '../../base/index.ts'
import { type Column, readTable, type Schema } from '../../data/index.ts'
import { csvFile } from '../../data/node.ts'
import { evaluate, type TrainedModel } from '../../simulation/index.ts'
import { isTablePreparation, modelContent } from '../../tasks/index.ts'
import { confusionText, measureTable } from '../measure-table.ts'
import type { CommonOptions } from '../options.ts'
import { modelBy } from '../run-reference.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `evaluate`. */
export interface EvaluateOptions extends CommonOptions {
  readonly data: string
}

/** The table that a model reads, from the preprocessing inside it. */
const schemaOf = (model: TrainedModel): Schema => {
  const { preprocessing } = modelContent(model.bytes)
  if (!isTablePreparation(preprocessing))
    throw new YimengError({
      code: 'predict-table',
      cannot: 'evaluate on a table',
      expected: `rows of shape ${preprocessing.shape.join(' × ')}`,
      got: 'a table',
    })
  const { columns, label, missing } = preprocessing
  const column = (one: (typeof columns)[number]): Column => {
    const { missing: markers, ...rest } = one
    return { ...rest, ...(markers === undefined ? {} : { missing: markers }) }
  }
  return {
    features: columns.map(column),
    label: label.kind === 'numeric' ? { kind: 'numeric', name: label.name } : label,
    ...(missing === undefined ? {} : { missing }),
  }
}

/** Reads, predicts, measures. */
export const evaluateCommand = async (reference: string, options: EvaluateOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, warn, paint, result } = terminal
  const model = await modelBy(reference)
  const dataset = await readTable(csvFile(options.data), schemaOf(model), { oneClass: 'allow' })
  const evaluation = await evaluate(model, dataset)
  say(measureTable(terminal, evaluation, {}))
  const confusion = confusionText(terminal, evaluation, model.classes)
  if (confusion !== '') say(`\n${confusion}`)
  say(`\n${texts.evaluate.done(evaluation.rows, options.data)}`)
  for (const [column, cells] of Object.entries(dataset.unknown ?? {})) warn(paint('yellow', texts.evaluate.unknown(column, cells)))
  result({
    command: 'evaluate',
    task: model.task,
    modelHash: model.hash,
    rows: evaluation.rows,
    metrics: evaluation.metrics,
    ...(evaluation.confusion === undefined ? {} : { confusion: evaluation.confusion }),
    unknown: dataset.unknown ?? {},
  })
}
