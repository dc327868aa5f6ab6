// A model's parameters are ONE flat vector with a layout: the engine trains on it, aggregation adds it, masks hide it, files store it.
import { type Codec, float32Codec, jsonCodec, structCodec, YimengError } from '../base/index.ts'

/** One named tensor inside a flat vector. Names and shapes are those of PyTorch's `state_dict`. */
export interface LayoutEntry {
  readonly name: string
  readonly shape: readonly number[]
  /** Index of the first element in the flat vector. */
  readonly offset: number
  /** Number of elements: the product of `shape`. */
  readonly size: number
}

/** Where each tensor of a model lies in the flat vector. Entries are in order, without gaps or overlaps. */
export interface Layout {
  readonly entries: readonly LayoutEntry[]
  /** Length of the flat vector. */
  readonly size: number
}

/** A model's parameters. `values` has length `layout.size`. */
export interface Params {
  readonly layout: Layout
  readonly values: Float32Array
}

/** A tensor that a layout is made of. */
export interface TensorShape {
  readonly name: string
  readonly shape: readonly number[]
}

/**
 * Layout of tensors laid one after the other. An empty shape is a scalar, of size 1.
 *
 * @throws YimengError `layout` for a name given twice, a length that is no integer from 0, or more than 2^32 − 1 elements in all.
 *
 * @example
 * ```ts
 * const dense = layout([{ name: 'weight', shape: [2, 3] }, { name: 'bias', shape: [2] }])
 * assert.deepEqual([dense.size, dense.entries[1]?.offset], [8, 6])
 * ```
 */
export const layout = (tensors: readonly TensorShape[]): Layout => {
  const names = new Set<string>()
  let size = 0
  const entries = tensors.map(({ name, shape }) => {
    if (names.has(name))
      throw new YimengError({
        code: 'layout',
        cannot: 'lay out tensors',
        expected: 'each name once',
        got: 'one twice',
        where: { tensor: name },
      })
    names.add(name)
    if (!shape.every((length) => Number.isInteger(length) && length >= 0))
      throw new YimengError({
        code: 'layout',
        cannot: 'lay out tensors',
        expected: 'lengths that are integers from 0',
        got: `[${shape.join(', ')}]`,
        where: { tensor: name },
      })
    const entry = { name, shape, offset: size, size: shape.reduce((product, length) => product * length, 1) }
    size += entry.size
    if (!(size < 2 ** 32))
      throw new YimengError({
        code: 'layout',
        cannot: 'lay out tensors',
        expected: 'at most 2^32 − 1 elements',
        got: 'more',
        where: { tensor: name },
      })
    return entry
  })
  return { entries, size }
}

/** Whether both name the same tensors with the same shapes in the same order. */
export const sameLayout = (a: Layout, b: Layout): boolean =>
  a === b ||
  (a.entries.length === b.entries.length &&
    a.entries.every((entry, i) => {
      const other = b.entries[i]
      return (
        entry.name === other?.name &&
        entry.shape.length === other.shape.length &&
        entry.shape.every((length, axis) => length === other.shape[axis])
      )
    }))

/**
 * Parameters of a layout: `values` as they are, not copied; zeros if left out.
 *
 * @throws YimengError `params-length` when there are not `layout.size` values.
 */
export const params = (of: Layout, values: Float32Array = new Float32Array(of.size)): Params => {
  if (values.length !== of.size)
    throw new YimengError({ code: 'params-length', cannot: 'make parameters', expected: `${of.size} values`, got: String(values.length) })
  return { layout: of, values }
}

/**
 * One tensor, row-major, as a view: writing to it writes to the parameters.
 *
 * @throws YimengError `params-name` for a name that the layout has not.
 *
 * @example
 * ```ts
 * const model = params(layout([{ name: 'weight', shape: [2, 3] }, { name: 'bias', shape: [2] }]))
 * tensor(model, 'bias').fill(1)
 * assert.deepEqual(model.values, Float32Array.of(0, 0, 0, 0, 0, 0, 1, 1))
 * ```
 */
export const tensor = (from: Params, name: string): Float32Array => {
  const entry = from.layout.entries.find((each) => each.name === name)
  if (entry === undefined)
    throw new YimengError({
      code: 'params-name',
      cannot: 'find tensor',
      expected: `one of ${from.layout.entries.map((each) => each.name).join(', ')}`,
      got: name,
    })
  return from.values.subarray(entry.offset, entry.offset + entry.size)
}

/**
 * Parameters of a layout that both sides know, as float32 in order: 4 bytes a parameter and nothing else.
 *
 * @throws YimengError `params-layout` when encoding parameters of another layout, `params-length` when decoding another number of values.
 */
export const paramsCodec = (of: Layout): Codec<Params> => ({
  encode: (value) => {
    if (!sameLayout(value.layout, of))
      throw new YimengError({
        code: 'params-layout',
        cannot: 'encode parameters',
        expected: 'the layout of this codec',
        got: 'another layout',
      })
    return float32Codec.encode(params(of, value.values).values)
  },
  decode: (bytes) => params(of, float32Codec.decode(bytes)),
})

const tensorsCodec = jsonCodec((value): readonly TensorShape[] => {
  const isTensor = (each: unknown): boolean => {
    const { name, shape, ...rest } = Object(each) as Record<string, unknown>
    return typeof name === 'string' && Array.isArray(shape) && Object.keys(rest).length === 0
  }
  if (Array.isArray(value) && value.every(isTensor)) return value as readonly TensorShape[]
  throw new YimengError({ code: 'params-layout', cannot: 'read layout', expected: 'tensors with name and shape', got: 'something else' })
})
const described = structCodec({ tensors: tensorsCodec, values: float32Codec })

/**
 * Parameters with their layout before them, for files and for whoever does not know it yet.
 *
 * @throws YimengError `params-layout` or `layout` for a layout that is none, `params-length` when there are more or fewer values than it has.
 */
export const describedParamsCodec: Codec<Params> = {
  encode: ({ layout: of, values }) =>
    described.encode({ tensors: of.entries.map(({ name, shape }) => ({ name, shape })), values: params(of, values).values }),
  decode: (bytes) => {
    const { tensors, values } = described.decode(bytes)
    return params(layout(tensors), values)
  },
}
