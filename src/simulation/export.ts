// Trained models for other software: ONNX, with the preparation inside. (A model file of ours is a safetensors file already, with names as PyTorch's state_dict.)
import { exportOnnx } from '../learn/index.ts'
import { modelContent, type TrainedModel, wholeModel } from '../tasks/index.ts'

/** A model for any ONNX runtime, and what its numbers mean. */
export interface OnnxExport {
  readonly bytes: Uint8Array
  /** Shape of `input`, rows first: `rows` for any number of them. */
  readonly input: readonly (number | 'rows')[]
  /** Names of a table's inputs, in order; absent for pictures and series. */
  readonly inputs?: readonly string[]
  /** Classes in order of the outputs; of two classes the output is the probability of the second. Absent for a number. */
  readonly classes?: readonly string[]
}

/**
 * The model as an ONNX file: `input [rows, …]` takes raw numbers (pictures: white is 1), `output [rows, …]` gives probabilities, or a number in the label's unit.
 *
 * @param options - rows of a call, for software that wants them fixed; any number by default
 * @throws YimengError as for damaged models
 */
export const onnxOf = (model: TrainedModel, options: { readonly rows?: number } = {}): OnnxExport => {
  const { rows } = options
  const whole = wholeModel(modelContent(model.bytes))
  return {
    bytes: exportOnnx(whole.model, whole.params, { head: whole.head, ...(rows === undefined ? {} : { batch: rows }) }),
    input: [rows ?? 'rows', ...whole.model.input],
    ...(whole.inputs === undefined ? {} : { inputs: whole.inputs }),
    ...(model.classes === undefined ? {} : { classes: model.classes }),
  }
}
