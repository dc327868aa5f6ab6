// Networks from files for transfer learning: what comes before the last dense layer is kept, a new head stands on it.
import { readFileSync } from 'node:fs'
import { seed, sha256Hex, YimengError } from '../base/index.ts'
import {
  type Backbone,
  concat,
  decodeSafetensors,
  importOnnx,
  joinedNetwork,
  mlp,
  type Model,
  onBackbone,
  paramsFromTensors,
  type Shape,
  withoutHead,
} from '../learn/index.ts'
import { type ImportedChoice, type ModelChoice, modelSchema } from './model-schema.ts'

/** Makes a network of our own for rows of a shape. */
export type NetworkMaker = (choice: ModelChoice, shape: Shape, outputs: number) => Model

const refuse = (expected: string, got: string, file: string): never => {
  throw new YimengError({ code: 'model-import', cannot: 'import network', expected, got, where: { file } })
}

const bytesOf = ({ file, sha256 }: ImportedChoice): Uint8Array => {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : 'an unreadable one'
    throw new YimengError({ code: 'model-import', cannot: 'import network', expected: 'a readable file', got, where: { file }, cause })
  }
  const hash = sha256Hex(bytes)
  return sha256 === undefined || hash === sha256 ? bytes : refuse(`SHA-256 ${sha256}`, hash, file)
}

/** The network of a model file of ours. */
const ownChoice = (metadata: Readonly<Record<string, string>>): ModelChoice | undefined => {
  try {
    return modelSchema.safeParse(JSON.parse(metadata['model'] ?? '')).data
  } catch {
    return undefined
  }
}

// a count that PyTorch keeps beside its running statistics
const COUNT = /(^|\.)num_batches_tracked$/

/** A network's tensors in a file, without its last layer. */
const fromTensors = (choice: ImportedChoice, bytes: Uint8Array, shape: Shape, make: NetworkMaker): Backbone => {
  const { tensors, metadata } = decodeSafetensors(bytes)
  const network = choice.network ?? ownChoice(metadata)
  if (network === undefined || network.kind === 'imported')
    return refuse('model.network, since the file does not say what its tensors belong to', 'none', choice.file)
  const made = make(network, shape, 1)
  // pictures may be grey where the file's network wants colours: its first filter tells
  const [first] = made.layout.entries
  const filter = tensors.find(({ name }) => name === first?.name)?.shape ?? []
  const channels = filter.length === shape.length + 1 && filter[1] !== undefined ? [filter[1], ...shape.slice(1)] : shape
  const whole = make(network, channels, 1)
  const model = withoutHead(whole)
  const kept = new Set(model.layout.entries.map(({ name }) => name))
  const head = new Set(whole.layout.entries.flatMap(({ name }) => (kept.has(name) ? [] : [name])))
  const own = tensors.filter(({ name }) => !COUNT.test(name) && !head.has(name))
  return { model, params: paramsFromTensors(model.layout, own) }
}

/** An ONNX file's network, without its last layer. */
const fromOnnx = (bytes: Uint8Array, shape: Shape): Backbone => {
  const model = withoutHead(importOnnx(bytes, { input: shape }))
  // nothing is drawn: its first parameters are those of the file
  return { model, params: model.init(seed(0)) }
}

/** Grey pictures for a network that wants colours: the same in every channel. */
const repeated = (model: Model): Model => ({
  ...model,
  name: `repeated(${model.name})`,
  input: [1, ...model.input.slice(1)],
  forward: (graph, params, x, mode) =>
    model.forward(
      graph,
      params,
      concat(
        Array.from({ length: model.input[0] ?? 1 }, () => x),
        1,
      ),
      mode,
    ),
})

// a backbone is one object for as long as it is used: what engines hold of it goes by that
const HELD = 4
const held = new Map<string, Backbone>()

const backboneOf = (choice: ImportedChoice, shape: Shape, make: NetworkMaker): Backbone => {
  const { file, network } = choice
  const bytes = bytesOf(choice)
  const key = JSON.stringify([sha256Hex(bytes), network, shape])
  const before = held.get(key)
  if (before !== undefined) return before
  const read = file.toLowerCase().endsWith('.onnx') ? fromOnnx(bytes, shape) : fromTensors(choice, bytes, shape, make)
  const wanted = read.model.input
  const grey = shape[0] === 1 && wanted.length === shape.length && wanted.every((length, axis) => axis === 0 || length === shape[axis])
  if (!grey && wanted.join() !== shape.join()) return refuse(`rows of ${wanted.join(' × ')}`, shape.join(' × '), file)
  const backbone = { ...read, model: wanted[0] === shape[0] ? read.model : repeated(read.model) }
  held.set(key, backbone)
  for (const oldest of held.keys()) if (held.size > HELD) held.delete(oldest)
  return backbone
}

/**
 * The model of an import for rows of a shape.
 *
 * @throws YimengError `model-import` where the file is missing, another one than the spec says, or for other rows; `onnx-file`, `safetensors` for a damaged one
 */
export const importedNetwork = (choice: ImportedChoice, shape: Shape, outputs: number, make: NetworkMaker): Model => {
  const backbone = backboneOf(choice, shape, make)
  const features = backbone.model.output.reduce((product, length) => product * length, 1)
  const head = { ...mlp({ inputs: features, hidden: choice.hidden, outputs }), input: backbone.model.output }
  return choice.train === 'head' ? onBackbone(backbone, head) : joinedNetwork(backbone, head)
}
