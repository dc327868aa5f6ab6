// Inference under two-party computation as a job: the guest's records are a table, the host's network a model file of Yimeng or tensors under PyTorch's names.
import { readFileSync } from 'node:fs'
import { type Channel, YimengError } from '../../base/index.ts'
import { decodeSafetensors, type StoredTensor } from '../../learn/index.ts'
import { type DenseLayer, type DenseNetwork, type Party, type RunOptions, runInference } from '../../mpc/index.ts'
import { isTablePreparation, modelContent, type Preparation } from '../../tasks/index.ts'
import type { JobOutcome } from './job.ts'
import { numbersOfColumn, readRecords, requireColumns } from './table-file.ts'

/** The guest names a table, the host a network. */
export interface InferJob {
  readonly kind: 'infer'
  readonly shows: 'outputs' | 'class'
  readonly csv?: string
  /** Column that names the rows; there may be none. */
  readonly id: string
  readonly model?: string
}

const refused = (expected: string, got: string, cause?: unknown): YimengError =>
  new YimengError({ code: 'infer-network', cannot: 'read network', expected, got, cause })

const rowsOf = ({ shape: [outputs = 0, inputs = 0], values }: StoredTensor): readonly (readonly number[])[] =>
  Array.from({ length: outputs }, (_, k) => [...values.subarray(k * inputs, (k + 1) * inputs)])

/** Dense layers from tensors named `….weight` and `….bias`, in the order of their weights. @throws YimengError `infer-network` for other tensors. */
export const denseLayers = (tensors: readonly StoredTensor[]): readonly DenseLayer[] => {
  const biases = new Map(tensors.filter(({ name }) => name.endsWith('bias')).map((tensor) => [tensor.name.slice(0, -4), tensor]))
  const weights = tensors.filter(({ name }) => name.endsWith('weight'))
  // 0.weight, 2.weight, …, 10.weight
  const inOrder = weights.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  if (weights.length + biases.size !== tensors.length || weights.some(({ shape }) => shape.length !== 2))
    throw refused(
      'dense layers only: weights [outputs, inputs] and biases',
      tensors.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', '),
    )
  return inOrder.map((tensor) => {
    const bias = biases.get(tensor.name.slice(0, -6))
    return { weights: rowsOf(tensor), biases: bias === undefined ? rowsOf(tensor).map(() => 0) : [...bias.values] }
  })
}

// raw rows in: the first layer takes (x - centre) / spread as well
const withPreparation = (layers: readonly DenseLayer[], preparation: Preparation): DenseNetwork => {
  if (!isTablePreparation(preparation) || preparation.inputs.some(({ kind }) => kind !== 'value'))
    throw refused('a network on numeric columns', 'one on others')
  const { inputs } = preparation
  const scales = inputs.map(({ spread }) => (spread === 0 ? 0 : 1 / spread))
  const [first, ...rest] = layers
  if (first === undefined) throw refused('a layer', 'none')
  const weights = first.weights.map((row) => row.map((w, j) => w * (scales[j] ?? 0)))
  const biases = first.biases.map((b, k) => inputs.reduce((sum, { centre }, j) => sum - centre * (weights[k]?.[j] ?? 0), b))
  return { layers: [{ weights, biases }, ...rest], features: inputs.map(({ column }) => column) }
}

/** The network of a file. @throws YimengError `infer-network` for a file without dense layers only, and the faults of its format. */
export const readNetwork = (file: string): DenseNetwork => {
  const bytes = ((): Uint8Array => {
    try {
      return readFileSync(file)
    } catch (cause) {
      throw refused('a readable file', 'none', cause)
    }
  })()
  const { tensors, metadata } = decodeSafetensors(bytes)
  const layers = denseLayers(tensors)
  return metadata['preprocessing'] === undefined ? { layers, features: [] } : withPreparation(layers, modelContent(bytes).preprocessing)
}

/** Runs my side. */
export const inferJob = async (
  channel: Channel,
  me: Party,
  { csv, id, model, shows }: InferJob,
  options: RunOptions,
): Promise<Pick<JobOutcome, 'result' | 'traffic'>> => {
  if (me === 'host') {
    const { result, traffic } = await runInference(channel, me, shows, { host: readNetwork(model ?? '') }, options)
    return { result: { ...result }, traffic }
  }
  const table = readRecords(csv ?? '')
  const names = Object.keys(table[0] ?? {})
  const records = (features: readonly string[]): readonly (readonly number[])[] => {
    const wanted = features.length > 0 ? features : names.filter((name) => name !== id)
    requireColumns(table, wanted)
    const columns = wanted.map((name) => numbersOfColumn(table, name))
    return table.map((_, row) => columns.map((column) => column[row] as number))
  }
  const { result, traffic } = await runInference(channel, me, shows, { guest: records }, options)
  return { result: { ...result, ids: table.map((record, row) => record[id] ?? String(row)) }, traffic }
}
