// What training sends: the published model down, the update up.
import {
  firstField,
  float32Codec,
  float64Codec,
  jsonCodec,
  listCodec,
  lookInto,
  partsOf,
  readStored,
  type StoredBytes,
  structCodec,
  textCodec,
  type Codec,
  YimengError,
} from '../base/index.ts'

/** What the server publishes at the start of a round. The layout does not travel: every party knows the model. */
export interface Published {
  /** The model, flat: `[size]`. */
  readonly values: Float32Array
  /**
   * Numbers that the strategy sets for the local work. `proximal`: FedProx's μ. `rate`: factor on the site's own learning rate (default 1; 0 trains nothing and so only
   * measures the loss). `steps`: gradient steps to take instead of the site's own number.
   */
  readonly numbers: Readonly<Record<string, number>>
  /** Further vectors that the strategy sends, each `[size]`. `correction`: added to every gradient (SCAFFOLD). `anchor`: what `proximal` pulls towards (default: `values`). */
  readonly vectors: Readonly<Record<string, Float32Array>>
}

/** What a client sends: its trained model, or how it differs from the published one. */
export interface Update {
  /** Flat: `[size]`. */
  readonly values: Float32Array
  /** Weight in the mean: the number of rows trained on, a positive integer. */
  readonly weight: number
  /** Mean training loss. */
  readonly loss?: number
}

/** What local work returns: the trained model, and how much work it was. */
export interface Trained extends Update {
  /** Optimiser steps taken (normalised averaging and control variates need it). */
  readonly steps: number
  /** Mean η, if a gradient that stayed the same would have moved the model by −η · steps times itself (SGD, with momentum too); absent where there is no such number, as for Adam. */
  readonly learningRate?: number
}

const numbersCodec = jsonCodec((value) => {
  if (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === 'number')
  )
    return value as Readonly<Record<string, number>>
  throw new YimengError({
    code: 'published-numbers',
    cannot: 'read published numbers',
    expected: 'a record of numbers',
    got: 'something else',
  })
})

const namedVectors = listCodec(structCodec({ name: textCodec, values: float32Codec }))
const vectorsCodec: Codec<Readonly<Record<string, Float32Array>>> = {
  encode: (vectors) =>
    namedVectors.encode(
      Object.keys(vectors)
        .sort()
        .map((name) => ({ name, values: vectors[name]! })),
    ),
  decode: (bytes) => {
    const vectors = namedVectors.decode(bytes)
    const inOrder = vectors.every(({ name }, i) => i === 0 || vectors[i - 1]!.name < name)
    if (!inOrder || vectors.some(({ name }) => name === '__proto__'))
      throw new YimengError({
        code: 'published-vectors',
        cannot: 'read published vectors',
        expected: 'different names in order',
        got: 'others',
      })
    return Object.fromEntries(vectors.map(({ name, values }) => [name, values]))
  },
}

/** {@link Published} as bytes: 4 a parameter, and a little. */
export const publishedCodec: Codec<Published> = structCodec<Published>({
  values: float32Codec,
  numbers: numbersCodec,
  vectors: vectorsCodec,
})

interface UpdateParts {
  readonly values: Float32Array
  readonly facts: Float64Array
}
const updateParts = structCodec<UpdateParts>({ values: float32Codec, facts: float64Codec })
const withFacts = ({ values, weight, loss }: Update): UpdateParts => ({
  values,
  facts: loss === undefined ? Float64Array.of(weight) : Float64Array.of(weight, loss),
})

const wrongFacts = (numbers: number): YimengError =>
  new YimengError({ code: 'update-facts', cannot: 'read update', expected: 'a weight and perhaps a loss', got: `${numbers} numbers` })

const updateOf = <V>({ values, facts }: { readonly values: V; readonly facts: Float64Array }) => {
  const [weight, loss] = facts
  if (weight === undefined || facts.length > 2) throw wrongFacts(facts.length)
  return loss === undefined ? { values, weight } : { values, weight, loss }
}

/** {@link Update} as bytes: 4 a value, 8 for the weight and 8 for the loss. Bounds are checked where it is lifted, so that the cause names the node. */
export const updateCodec: Codec<Update> = {
  encode: (update) => updateParts.encode(withFacts(update)),
  parts: (update) => partsOf(updateParts, withFacts(update)),
  decode: (bytes) => updateOf(updateParts.decode(bytes)),
  look: (bytes) => updateOf(lookInto(updateParts, bytes)),
}

/** An {@link Update} whose values lie elsewhere. */
export interface StoredUpdate extends Omit<Update, 'values'> {
  readonly values: StoredValues
}

/** Values that lie elsewhere. */
export interface StoredValues {
  readonly length: number
  /** Fills `into` with the values from index `start` on. */
  readonly read: (into: Float32Array, start: number) => Promise<void>
}

const factsCodec = structCodec<Pick<UpdateParts, 'facts'>>({ facts: float64Codec })
/** A weight and a loss, with their length before them. */
const MOST_FACTS_BYTES = 4 + 2 * 8

/** What {@link updateCodec} decodes, with the values left where they are. Rejects as it throws. */
export const storedUpdate = async (bytes: StoredBytes): Promise<StoredUpdate> => {
  const [values, rest] = await firstField(bytes)
  if (values.length % 4 !== 0)
    throw new YimengError({
      code: 'codec-elements',
      cannot: 'decode bytes',
      expected: 'float32 elements of 4 bytes',
      got: `${values.length} bytes`,
    })
  if (rest.length > MOST_FACTS_BYTES) throw wrongFacts(Math.floor((rest.length - 4) / 8))
  return updateOf({
    values: {
      length: values.length / 4,
      read: (into, start) => values.read(new Uint8Array(into.buffer, into.byteOffset, into.byteLength), start * 4),
    },
    ...factsCodec.decode(await readStored(rest)),
  })
}
