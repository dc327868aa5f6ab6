// A trained model as a file: safetensors with the network's choice, the preprocessing and the class names in its metadata. Raw rows in, predictions out.
import type { Params } from '../algebra/index.ts'
import { canonicalJson, sha256Hex, YimengError } from '../base/index.ts'
import { decodeSafetensors, encodeParams, paramsFromTensors } from '../learn/index.ts'
import { type Learner, modelOf } from './learner.ts'
import { type Preparation, preparationJson } from './preparation.ts'
import { type ModelChoice, modelSchema, withoutFolder } from './model-schema.ts'

const FORMAT = 'yimeng-model/1'

/** What a model file holds. */
export interface ModelContent {
  readonly task: string
  readonly choice: ModelChoice
  readonly preprocessing: Preparation
  readonly params: Params
  /** Of the run that trained it. */
  readonly specHash: string
}

/** A trained model as it is saved. */
export interface TrainedModel {
  /** SHA-256 of what the model computes: parameters, network, preprocessing, class names. Equal for equal models, whoever trained them how, and wherever an imported network's file lies. */
  readonly hash: string
  /** The safetensors file. */
  readonly bytes: Uint8Array
  readonly task: string
  /** Class names in order of the outputs' columns; absent for a number. */
  readonly classes?: readonly string[]
}

/** Writes a model. The same content gives the same bytes. */
export const trainedModel = ({ task, choice, preprocessing, params, specHash }: ModelContent): TrainedModel => {
  // canonical, so that a model read from a file and written again has the same hash
  const metadata = {
    format: FORMAT,
    task,
    model: canonicalJson(choice),
    preprocessing: canonicalJson(JSON.parse(preparationJson.encode(preprocessing))),
  }
  const { label } = preprocessing
  return {
    hash: sha256Hex(encodeParams(params, { ...metadata, model: canonicalJson(withoutFolder(choice)) })),
    bytes: encodeParams(params, { ...metadata, specHash }),
    task,
    ...(label.kind === 'categorical' ? { classes: label.levels } : {}),
  }
}

/**
 * Reads a model file's bytes.
 *
 * @throws YimengError `model-file` for other content, `safetensors` for a damaged file, `preprocessing-format`.
 */
export const modelContent = (bytes: Uint8Array): ModelContent & Pick<Learner, 'model' | 'head' | 'classes'> => {
  const { tensors, metadata } = decodeSafetensors(bytes)
  const fault = (expected: string, got: string) => new YimengError({ code: 'model-file', cannot: 'read model', expected, got })
  const { format, task, model: choiceText, preprocessing: preprocessingText, specHash } = metadata
  if (format !== FORMAT) throw fault(`format ${FORMAT}`, format ?? 'none')
  if (task === undefined || choiceText === undefined || preprocessingText === undefined)
    throw fault('task, model and preprocessing', 'less')
  const choice = modelSchema.safeParse(parsed(choiceText))
  if (!choice.success) throw fault('a known network', 'another')
  const preprocessing = preparationJson.decode(preprocessingText)
  const { model, head, classes } = modelOf(choice.data, preprocessing)
  const params = paramsFromTensors(model.layout, tensors)
  return {
    task,
    choice: choice.data,
    preprocessing,
    params,
    specHash: specHash ?? '',
    model,
    head,
    ...(classes === undefined ? {} : { classes }),
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The model of a file's bytes. Throws as {@link modelContent}. */
export const trainedModelOf = (bytes: Uint8Array): TrainedModel => {
  const content = modelContent(bytes)
  return { ...trainedModel(content), bytes }
}
