// Max pooling in ONNX. Its gradient needs to know who won; recomputing that costs a second pooling, so the forward leaves behind what the backward wants. The two common
// cases — windows of 2×2 side by side, and of 3×3 at every second place with padding 1 — are played as contests along one axis after the other, which is several times
// faster than indices. Columns meet first and rows last, so that backwards the row is chosen first: ties go to the first in row-major order, as in PyTorch.
import { inputOf, type Node } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import type { Emitter, Lowering } from './lowering.ts'

/** A contest of neighbours along one axis, `[outer, 2 · length, inner]` → `[outer, length, inner]`, all flat. `before` is the odd neighbour on the left, if windows overlap. */
interface Contest {
  readonly before?: string
  readonly even: string
  readonly odd: string
  readonly best: string
}

// below every number that a network makes
const LOWEST = -3.4e38

const reshape = (to: Emitter, x: string, shape: readonly number[]): string => to.emit('Reshape', [x, to.ints(shape)])
const flat = (to: Emitter, x: string): string => reshape(to, x, [-1])

/** Moves rows along the middle axis by one place, to the right or left; `fill` comes in. */
const shifted = (to: Emitter, x: string, [outer, length, inner]: Sizes, by: 1 | -1, fill: number): string => {
  // over two axes: with a third of length 1, Pad walks element by element and takes five times as long
  const moved = to.emit('Pad', [reshape(to, x, [outer, length * inner]), to.ints([0, by * inner, 0, -by * inner]), to.floats([fill], [])])
  return flat(to, moved)
}

type Sizes = readonly [outer: number, length: number, inner: number]

const contest = (to: Emitter, x: string, sizes: Sizes, overlap: boolean): Contest => {
  const [outer, length, inner] = sizes
  const [even = '', odd = ''] = to
    .emits('Split', [reshape(to, x, [outer * length, 2, inner]), to.ints([1, 1])], 2, { axis: { int: 1 } })
    .map((half) => flat(to, half))
  if (!overlap) return { even, odd, best: to.emit('Max', [even, odd]) }
  const before = shifted(to, odd, sizes, 1, LOWEST)
  return { before, even, odd, best: to.emit('Max', [before, even, odd]) }
}

/** Sends the gradient of a contest's result to its winner: the first, if several are best. Compared flat: over axes of length 1, Where walks element by element. */
const award = (to: Emitter, gradient: string, { before, even, odd, best }: Contest, sizes: Sizes): string => {
  const [outer, length, inner] = sizes
  const zero = to.floats([0], [])
  const won = (a: string, b: string, prize: string): string => to.emit('Where', [to.emit('GreaterOrEqual', [a, b]), prize, zero])
  const toBefore = before === undefined ? undefined : won(before, best, gradient)
  const rest = toBefore === undefined ? gradient : to.emit('Sub', [gradient, toBefore])
  const toEven = won(even, odd, rest)
  const last = to.emit('Sub', [rest, toEven])
  const toOdd = toBefore === undefined ? last : to.emit('Add', [last, shifted(to, toBefore, sizes, -1, 0)])
  const pair = [toEven, toOdd].map((part) => reshape(to, part, [outer * length, 1, inner]))
  return flat(to, to.emit('Concat', pair, { axis: { int: 1 } }))
}

/** The two contests of a pooling, or nothing if it is not one of the common cases. */
const contests = (
  { attributes: { kernel, stride, padding } }: Node<'maxPool' | 'maxPoolGrad'>,
  shape: readonly number[],
): { readonly columns: Sizes; readonly rows: Sizes; readonly overlap: boolean } | undefined => {
  const [batch = 1, channels = 1, height = 1, width = 1] = shape
  const all = (values: readonly number[], wanted: number): boolean => values.length === 2 && values.every((value) => value === wanted)
  const overlap = all(kernel, 3) && all(padding, 1)
  if (!((overlap || (all(kernel, 2) && all(padding, 0))) && all(stride, 2) && height % 2 === 0 && width % 2 === 0)) return undefined
  const maps = batch * channels
  return { columns: [maps * height, width / 2, 1], rows: [maps, height / 2, width / 2], overlap }
}

const poolAttributes = ({ kernel, stride, padding }: Node<'maxPool'>['attributes']) =>
  ({ kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: [...padding, ...padding] } }) as const

const namesOf = ({ before, even, odd, best }: Contest): readonly string[] => [before ?? '', even, odd, best]

const contestOf = ([before = '', even = '', odd = '', best = '']: readonly string[]): Contest => ({
  ...(before === '' ? {} : { before }),
  even,
  odd,
  best,
})

/** Largest of each window. */
export const maxPool: Lowering<'maxPool'> = (node, [x = ''], to) => {
  if (!to.differentiated(node)) return to.emit('MaxPool', [x], poolAttributes(node.attributes))
  const plan = contests(node, inputOf(node, 0).shape)
  if (plan !== undefined) {
    const columns = contest(to, x, plan.columns, plan.overlap)
    const rows = contest(to, columns.best, plan.rows, plan.overlap)
    const y = reshape(to, rows.best, node.shape)
    to.leave(y, [...namesOf(columns), ...namesOf(rows)])
    return y
  }
  const [y = '', winners = ''] = to.emits('MaxPool', [x], 2, poolAttributes(node.attributes))
  to.leave(y, [winners])
  return y
}

/** Sends each gradient to its window's winner. */
export const maxPoolGrad: Lowering<'maxPoolGrad'> = (node, [, y = '', dy = ''], to) => {
  const left = to.left(y)
  const plan = contests(node, node.shape)
  if (plan !== undefined) {
    const rows = award(to, flat(to, dy), contestOf(left.slice(4)), plan.rows)
    return reshape(to, award(to, rows, contestOf(left.slice(0, 4)), plan.columns), node.shape)
  }
  const [winners = ''] = left
  const zeros = to.emit('Expand', [to.floats([0]), to.ints([sizeOf(node.shape)])])
  const sums = to.emit('ScatterElements', [zeros, flat(to, winners), flat(to, dy)], { axis: { int: 0 }, reduction: { text: 'add' } })
  return reshape(to, sums, node.shape)
}
