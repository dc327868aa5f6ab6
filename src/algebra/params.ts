// A model's parameters are ONE flat vector with a layout: the engine trains on it, aggregation adds it, masks hide it, files store it.

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

/** Layout of tensors laid one after the other. */
export const layout = (tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]): Layout => {
  let size = 0
  const entries = tensors.map(({ name, shape }) => {
    const entry = { name, shape, offset: size, size: shape.reduce((product, length) => product * length, 1) }
    size += entry.size
    return entry
  })
  return { entries, size }
}
