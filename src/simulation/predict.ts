// Trained models at work: files, evaluation on labelled rows, predictions for raw rows.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { YimengError } from '../base/index.ts'
import { lastSteps, readingOf, transformTable } from '../data/index.ts'
import { csvFile, preparePictures } from '../data/node.ts'
import { nativeEngine } from '../learn/engines/native/index.ts'
import {
  type Evaluation,
  evaluationOf,
  isTablePreparation,
  modelContent,
  picturesAsInputs,
  prepareRows,
  readableOutputs,
  seriesAsInputs,
  type TaskData,
  type TrainedModel,
  trainedModelOf,
} from '../tasks/index.ts'
import type { Prediction } from './types.ts'

const fileFault = (code: string, cannot: string, path: string, cause: unknown) => {
  const errno = (cause as NodeJS.ErrnoException).code
  const got = errno === 'ENOENT' ? (cannot === 'read model' ? 'no such file' : 'no such folder') : (errno ?? 'another fault')
  return new YimengError({ code, cannot, expected: 'a file that can be opened', got, where: { file: path }, cause })
}

/** Reads a saved model. @throws YimengError `model-missing`, `model-file`, `safetensors`, `preprocessing-format` */
export const loadModel = async (path: string): Promise<TrainedModel> => {
  let bytes: Uint8Array
  try {
    bytes = new Uint8Array(await readFile(path))
  } catch (cause) {
    throw fileFault('model-missing', 'read model', path, cause)
  }
  return trainedModelOf(bytes)
}

/** Writes a model as a safetensors file, whole or not at all. @throws YimengError `model-unwritable` */
export const saveModel = async (model: TrainedModel, path: string): Promise<void> => {
  const half = `${path}.${process.pid}.part`
  try {
    await writeFile(half, model.bytes)
    await rename(half, path)
  } catch (cause) {
    await rm(half, { force: true })
    throw fileFault('model-unwritable', 'write model', path, cause)
  }
}

const outputsOf = async (
  model: TrainedModel,
  inputsOf: (content: ReturnType<typeof modelContent>) => Promise<{ readonly inputs: Float32Array; readonly rows: number }>,
) => {
  const content = modelContent(model.bytes)
  const { inputs, rows } = await inputsOf(content)
  const engine = nativeEngine()
  try {
    const predictor = await engine.predictor(content.model, content.head)
    const raw = await predictor.predict(content.params, inputs, rows)
    return { ...readableOutputs(raw, content.head, content.preprocessing), rows }
  } finally {
    await engine.close()
  }
}

/** Measures a model on a data set: columns and classes are matched by name, other columns are ignored. @throws YimengError `transform-column`, and for damaged models */
export const evaluate = async (model: TrainedModel, dataset: TaskData): Promise<Evaluation> => {
  let labels = Float64Array.from(dataset.labels)
  const { outputs, width } = await outputsOf(model, async ({ preprocessing }) => {
    const { inputs, targets, rows } = await prepareRows(preprocessing, dataset)
    // class indices of the model's classes, whatever their order in the data set
    if (preprocessing.label.kind === 'categorical') labels = Float64Array.from(targets)
    return { inputs, rows }
  })
  return evaluationOf(labels, outputs, width)
}

const predictionsOf = (outputs: Float32Array, width: number, rows: number, classes: readonly string[] | undefined): readonly Prediction[] =>
  Array.from({ length: rows }, (_, row): Prediction => {
    const own = Array.from(outputs.subarray(row * width, (row + 1) * width))
    if (classes === undefined) return { value: own[0] ?? Number.NaN }
    const best = own.reduce((at, p, k) => (p > (own[at] ?? 0) ? k : at), 0)
    return { label: classes[best] ?? '', probabilities: own }
  })

/**
 * Classifies pictures or scans (a scan may be a folder of slices), in order: read, resized and scaled as those that the model was trained on.
 *
 * @throws YimengError `predict-pictures` for a model of other rows; `image-missing`, `image-corrupt`, `image-large`, `image-kind`, `image-shape`, each with the file
 */
export const predictPictures = async (model: TrainedModel, paths: readonly string[]): Promise<readonly Prediction[]> => {
  const { outputs, width, rows } = await outputsOf(model, async ({ preprocessing }) => {
    if (isTablePreparation(preprocessing) || preprocessing.channels === 'last')
      throw new YimengError({
        code: 'predict-pictures',
        cannot: 'classify pictures',
        expected: 'a model that was trained on pictures',
        got: isTablePreparation(preprocessing) ? 'one of tables' : 'one of series',
      })
    const { bytes } = await preparePictures(paths, { shape: preprocessing.shape, ...readingOf(preprocessing) })
    return { inputs: picturesAsInputs(preprocessing, bytes, 255), rows: paths.length }
  })
  return predictionsOf(outputs, width, rows, model.classes)
}

/**
 * Predicts from the newest part of each series, in order: CSV files with a line for each moment and a column for each channel, of which the last lines are taken.
 *
 * @throws YimengError `predict-series` for a model of other rows; `csv-column`, `csv-number`, `series-short` and the like, each with the file
 */
export const predictSeries = async (model: TrainedModel, paths: readonly string[]): Promise<readonly Prediction[]> => {
  const { outputs, width, rows } = await outputsOf(model, async ({ preprocessing }) => {
    if (isTablePreparation(preprocessing) || preprocessing.names === undefined)
      throw new YimengError({
        code: 'predict-series',
        cannot: 'predict series',
        expected: 'a model that was trained on series',
        got: isTablePreparation(preprocessing) ? 'one of tables' : 'one of pictures',
      })
    const { shape, names } = preprocessing
    const [time = 0, channels = 0] = shape
    const steps = await Promise.all(paths.map((path) => lastSteps(csvFile(path), names, time)))
    const series = new Float32Array(paths.length * time * channels)
    for (const [at, own] of steps.entries()) series.set(own, at * time * channels)
    return { inputs: seriesAsInputs(preprocessing, series), rows: paths.length }
  })
  return predictionsOf(outputs, width, rows, model.classes)
}

/** Predicts the rows of a CSV file, in order; a label column is not needed. @throws YimengError `file-missing`, `csv-column`, `csv-number` and the like */
export const predict = async (
  model: TrainedModel,
  csvPath: string,
  options: {
    /** Told once, where cells hold a category that the model never saw: how many, by column. */
    readonly onUnknown?: (unknown: Readonly<Record<string, number>>) => void
  } = {},
): Promise<readonly Prediction[]> => {
  const { outputs, width, rows } = await outputsOf(model, async ({ preprocessing }) => {
    if (isTablePreparation(preprocessing)) {
      const table = await transformTable(preprocessing, csvFile(csvPath))
      if (Object.keys(table.unknown).length > 0) options.onUnknown?.(table.unknown)
      return table
    }
    throw new YimengError({
      code: 'predict-table',
      cannot: 'predict rows of a table',
      expected: `rows of shape ${preprocessing.shape.join(' × ')}`,
      got: 'a table',
      where: { file: csvPath },
    })
  })
  return predictionsOf(outputs, width, rows, model.classes)
}
