// `yimeng export`: a trained model for other software. ONNX holds the preparation too; safetensors holds the tensors under PyTorch's names, with ours in its metadata.
import { onnxOf } from '../../simulation/index.ts'
import { type CommonOptions, UsageError } from '../options.ts'
import { resultFile } from '../results-folder.ts'
import { modelBy } from '../run-reference.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `export`. */
export interface ExportOptions extends CommonOptions {
  readonly onnx?: string
  readonly safetensors?: string
  readonly rows?: number
  readonly force?: boolean
}

/** Writes one file or both. */
export const exportCommand = async (reference: string, options: ExportOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, result } = terminal
  if (options.onnx === undefined && options.safetensors === undefined)
    throw new UsageError(texts.usage.missingOption('--onnx | --safetensors'))
  const model = await modelBy(reference)
  const onnx = options.onnx === undefined ? undefined : onnxOf(model, options.rows === undefined ? {} : { rows: options.rows })
  for (const [out, bytes] of [
    [options.onnx, onnx?.bytes],
    [options.safetensors, model.bytes],
  ] as const) {
    if (out === undefined || bytes === undefined) continue
    const file = await resultFile(out, options.force === true)
    await file.keepBytes(bytes)
    say(texts.init.wrote(out))
  }
  if (onnx !== undefined) say(texts.export.input(onnx.input.join(' × '), onnx.inputs?.join(', '), onnx.classes?.join(', ')))
  result({
    command: 'export',
    modelHash: model.hash,
    task: model.task,
    ...(options.onnx === undefined ? {} : { onnx: options.onnx, input: onnx?.input, inputs: onnx?.inputs }),
    ...(options.safetensors === undefined ? {} : { safetensors: options.safetensors }),
    ...(model.classes === undefined ? {} : { classes: model.classes }),
  })
}
