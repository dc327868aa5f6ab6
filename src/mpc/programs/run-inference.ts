// Inference of a host's network on a guest's records as a whole session of its own: first both tell the sizes that must agree, then the program runs (dense-inference.ts).
// Adversary: semi-honest. What leaks: to the guest the network's widths, a bound of its weights and the names of its inputs; to the host the number of records.
import { type Channel, utf8Bytes, utf8Text, YimengError } from '../../base/index.ts'
import { type RunOptions, runSecurely, type SecureOutcome } from '../engines/aby.ts'
import type { Party } from '../party.ts'
import { openSession } from '../session.ts'
import { type DenseInput, denseInference, type DenseLayer, type DenseSpec } from './dense-inference.ts'

/** A host's network. */
export interface DenseNetwork {
  readonly layers: readonly DenseLayer[]
  /** Names of the features, in order; empty where they have none. */
  readonly features: readonly string[]
}

/** What a party brings. */
export interface InferenceInput {
  /** Records by the names that the network gives its features; told nothing, the guest takes its own order. Asked once the names are known. */
  readonly guest?: (features: readonly string[]) => readonly (readonly number[])[]
  readonly host?: DenseNetwork
}

/** What a party learns: outputs [rows][last width], or one class for each row, at the guest. */
export interface Inference {
  readonly rows: number
  readonly outputs?: readonly (readonly number[])[]
  readonly classes?: readonly number[]
}

const MOST_LAYERS = 16
const MOST_ROWS = 100_000
const MOST_NAMES_BYTES = 1 << 20
const uint32 = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)
const numbersOf = (bytes: Uint8Array): readonly number[] => [...new Uint32Array(bytes.slice().buffer)]

const refused = (expected: string, got: string): YimengError => new YimengError({ code: 'infer-shape', cannot: 'infer', expected, got })

// the smallest exponent of two that no weight exceeds, at least 0
const boundOf = (layers: readonly DenseLayer[]): number => {
  let most = 1
  for (const { weights } of layers) for (const row of weights) for (const w of row) most = Math.max(most, Math.abs(w))
  return Math.ceil(Math.log2(most))
}

const widthsOf = (layers: readonly DenseLayer[]): readonly number[] => [
  layers[0]?.weights[0]?.length ?? 0,
  ...layers.map(({ biases }) => biases.length),
]

const namesOf = (bytes: Uint8Array): readonly string[] => {
  let names: unknown
  try {
    names = JSON.parse(utf8Text(bytes))
  } catch {
    names = undefined
  }
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) throw refused('names of features', 'other bytes')
  return names
}

/** What both know before the program runs. */
interface Agreed {
  readonly spec: DenseSpec
  readonly records: readonly (readonly number[])[]
}

const agree = async (
  channel: Channel,
  me: Party,
  shows: DenseSpec['shows'],
  input: InferenceInput,
  timeoutMs?: number,
): Promise<Agreed> => {
  const session = await openSession(channel, me, `inference ${shows}`, timeoutMs)
  const { wire } = session
  try {
    const { layers = [], features = [] } = input.host ?? {}
    const own = utf8Bytes(JSON.stringify(features))
    const widths = widthsOf(layers)
    if (me === 'host') {
      if (layers.length < 1 || layers.length > MOST_LAYERS) throw refused(`1 to ${MOST_LAYERS} layers`, `${layers.length}`)
      wire.send('network', uint32(boundOf(layers), own.length, ...Array.from({ length: MOST_LAYERS + 1 }, (_, i) => widths[i] ?? 0)))
      wire.send('names', own)
      const [rows = 0] = numbersOf(await wire.receive('records', 4))
      if (rows < 1 || rows > MOST_ROWS) throw refused(`1 to ${MOST_ROWS} records`, `${rows}`)
      await wire.flush()
      return { spec: { widths, rows, weightBound: 2 ** boundOf(layers), shows }, records: [] }
    }
    const [bound = 0, length = 0, ...told] = numbersOf(await wire.receive('network', 4 * (MOST_LAYERS + 3)))
    if (bound > 40 || length > MOST_NAMES_BYTES) throw refused('a network', 'other numbers')
    const names = namesOf(await wire.receive('names', length))
    const records = input.guest?.(names) ?? []
    const given = told.filter((width) => width > 0)
    const wrong = records.find((record) => record.length !== given[0])
    if (wrong !== undefined) throw refused(`records of ${given[0]} features`, `${wrong.length}`)
    if (records.length < 1 || records.length > MOST_ROWS) throw refused(`1 to ${MOST_ROWS} records`, `${records.length}`)
    wire.send('records', uint32(records.length))
    await wire.flush()
    return { spec: { widths: given, rows: records.length, weightBound: 2 ** bound, shows }, records }
  } catch (cause) {
    await wire.stop(cause instanceof YimengError ? cause.code : 'mpc-fault')
    throw cause
  }
}

/**
 * My side: the guest brings records and learns the answers, the host brings the network and learns the number of records.
 *
 * @throws YimengError `infer-shape` where records and network do not fit, `dense-shape` for layers that do not fit each other, and the faults of a session.
 */
export const runInference = async (
  channel: Channel,
  me: Party,
  shows: DenseSpec['shows'],
  input: InferenceInput,
  options: RunOptions = {},
): Promise<SecureOutcome<Inference>> => {
  const { spec, records } = await agree(channel, me, shows, input, options.timeoutMs)
  const own: DenseInput = input.host === undefined ? { guest: records } : { host: input.host.layers }
  let values: readonly number[] | undefined
  const { traffic } = await runSecurely(
    channel,
    me,
    { program: `inference ${JSON.stringify(spec)}`, ...options },
    async (engine, brought: DenseInput) => {
      engine.mapHeld(await denseInference(engine, spec, brought), (shown) => (values = shown))
    },
    own,
  )
  const { rows } = spec
  if (values === undefined) return { result: { rows }, traffic }
  if (shows === 'class') return { result: { rows, classes: values }, traffic }
  const outputs = spec.widths.at(-1) ?? 0
  const shown = values
  return { result: { rows, outputs: Array.from({ length: rows }, (_, row) => shown.slice(row * outputs, (row + 1) * outputs)) }, traffic }
}
