// `yimeng predict`: a trained model on the rows of a CSV file, on pictures and scans, or on series (a CSV file each). Prints what the model says of each row, never what the row says.
import { predict, type Prediction, predictPictures, predictSeries, type TrainedModel } from '../../simulation/index.ts'
import { isTablePreparation, modelContent } from '../../tasks/index.ts'
import { type CommonOptions, UsageError } from '../options.ts'
import { resultFile } from '../results-folder.ts'
import { modelBy } from '../run-reference.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `predict`. */
export interface PredictOptions extends CommonOptions {
  readonly out?: string
  readonly force?: boolean
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** One line a row of the file, or a picture or series, in order: the label with each class's probability, or the number. */
const csvOf = (predictions: readonly Prediction[], { classes }: TrainedModel, pictures: readonly string[] | undefined): string => {
  const first = pictures === undefined ? 'row' : 'file'
  const head = classes === undefined ? [first, 'value'] : [first, 'label', ...classes.map((name) => quoted(`p_${name}`))]
  const nameOf = (i: number) => (pictures === undefined ? i + 1 : quoted(pictures[i] ?? ''))
  const lines = predictions.map((one, i) =>
    ('value' in one ? [nameOf(i), one.value] : [nameOf(i), quoted(one.label), ...one.probabilities.map((p) => p.toFixed(6))]).join(','),
  )
  return `${[head.join(','), ...lines].join('\r\n')}\r\n`
}

/** Predicts and writes. */
export const predictCommand = async (
  reference: string,
  files: readonly string[],
  options: PredictOptions,
  terminal: Terminal,
): Promise<void> => {
  const { texts, say, note, warn, paint, data, result } = terminal
  const model = await modelBy(reference)
  const file = options.out === undefined ? undefined : await resultFile(options.out, options.force === true)
  try {
    const { preprocessing } = modelContent(model.bytes)
    const ofTable = isTablePreparation(preprocessing)
    const [csv = ''] = files
    if (ofTable && files.length > 1) throw new UsageError(texts.usage.tooMany)
    const unknown: Record<string, number> = {}
    const predictions = ofTable
      ? await predict(model, csv, { onUnknown: (found) => Object.assign(unknown, found) })
      : await (preprocessing.channels === 'last' ? predictSeries : predictPictures)(model, files)
    const text = csvOf(predictions, model, ofTable ? undefined : files)
    if (file === undefined) data(text)
    else {
      await file.keepText(text)
      say(texts.run.wrote(options.out ?? ''))
    }
    note(texts.predict.done(predictions.length))
    for (const [column, cells] of Object.entries(unknown)) warn(paint('yellow', texts.evaluate.unknown(column, cells)))
    result({
      command: 'predict',
      modelHash: model.hash,
      task: model.task,
      rows: predictions.length,
      ...(ofTable ? { unknown } : { files }),
      ...(model.classes === undefined ? {} : { classes: model.classes }),
      ...(file === undefined ? { predictions } : { out: options.out }),
    })
  } catch (error) {
    await file?.drop()
    throw error
  }
}
