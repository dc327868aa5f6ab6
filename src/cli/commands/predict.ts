// `yimeng predict`: a trained model on the rows of a CSV file. Prints what the model says of each row, never what the row says.
import { predict, type Prediction, type TrainedModel } from '../../simulation/index.ts'
import type { CommonOptions } from '../options.ts'
import { resultFile } from '../results-folder.ts'
import { modelBy } from '../run-reference.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `predict`. */
export interface PredictOptions extends CommonOptions {
  readonly out?: string
  readonly force?: boolean
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** One line a row of the file, in its order: the label with each class's probability, or the number. */
const csvOf = (predictions: readonly Prediction[], { classes }: TrainedModel): string => {
  const head = classes === undefined ? ['row', 'value'] : ['row', 'label', ...classes.map((name) => quoted(`p_${name}`))]
  const lines = predictions.map((one, i) =>
    ('value' in one ? [i + 1, one.value] : [i + 1, quoted(one.label), ...one.probabilities.map((p) => p.toFixed(6))]).join(','),
  )
  return `${[head.join(','), ...lines].join('\r\n')}\r\n`
}

/** Predicts and writes. */
export const predictCommand = async (reference: string, csv: string, options: PredictOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, note, data, result } = terminal
  const model = await modelBy(reference)
  const file = options.out === undefined ? undefined : await resultFile(options.out, options.force === true)
  try {
    const predictions = await predict(model, csv)
    const text = csvOf(predictions, model)
    if (file === undefined) data(text)
    else {
      await file.keepText(text)
      say(texts.run.wrote(options.out ?? ''))
    }
    note(texts.predict.done(predictions.length))
    result({
      command: 'predict',
      modelHash: model.hash,
      task: model.task,
      rows: predictions.length,
      ...(model.classes === undefined ? {} : { classes: model.classes }),
      ...(file === undefined ? { predictions } : { out: options.out }),
    })
  } catch (error) {
    await file?.drop()
    throw error
  }
}
