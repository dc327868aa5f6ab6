// Max pooling in ONNX. Its gradient needs to know who won; recomputing that costs a second pooling, so the forward leaves behind what the backward wants, under names
// made from its result's. Windows of 2×2 side by side, the common case, are compared half against half, which is faster than indices and treats ties as PyTorch does.
import { inputOf, type Node } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import type { Emitter, Lowering } from './lowering.ts'

const pairs = ({ attributes: { kernel, stride, padding } }: Node<'maxPool' | 'maxPoolGrad'>, spatial: readonly number[]): boolean =>
  kernel.length === 2 && spatial.every((length, i) => kernel[i] === 2 && stride[i] === 2 && padding[i] === 0 && length % 2 === 0)

const reshape = (to: Emitter, x: string, shape: readonly number[]): string => to.emit('Reshape', [x, to.ints(shape)])
const halves = (to: Emitter, x: string): readonly string[] => to.emits('Split', [x, to.ints([1, 1])], 2, { axis: { int: 1 } })

/** Left and right columns, and of their larger values the upper and lower rows: in this order, ties go to the first in row-major order. */
interface Contest {
  readonly top: string
  readonly bottom: string
  readonly left: string
  readonly right: string
}

const contest = (to: Emitter, x: string, shape: readonly number[]): Contest => {
  const [width, size] = [shape[3] ?? 1, sizeOf(shape)]
  const [left = '', right = ''] = halves(to, reshape(to, x, [size / 2, 2]))
  const columns = to.emit('Max', [left, right])
  const [top = '', bottom = ''] = halves(to, reshape(to, columns, [size / (2 * width), 2, width / 2]))
  return { left, right, top, bottom }
}

const poolAttributes = ({ kernel, stride, padding }: Node<'maxPool'>['attributes']) =>
  ({ kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: [...padding, ...padding] } }) as const

/** Largest of each window. */
export const maxPool: Lowering<'maxPool'> = (node, [x = ''], to) => {
  const { shape } = inputOf(node, 0)
  if (!to.differentiated(node)) return to.emit('MaxPool', [x], poolAttributes(node.attributes))
  if (pairs(node, shape.slice(2))) {
    const found = contest(to, x, shape)
    const y = reshape(to, to.emit('Max', [found.top, found.bottom]), node.shape)
    to.leave(y, [found.top, found.bottom, found.left, found.right])
    return y
  }
  const [y = '', winners = ''] = to.emits('MaxPool', [x], 2, poolAttributes(node.attributes))
  to.leave(y, [winners])
  return y
}

/** Sends each gradient to its window's winner. */
export const maxPoolGrad: Lowering<'maxPoolGrad'> = (node, [, y = '', dy = ''], to) => {
  const left = to.left(y)
  if (left.length === 4) {
    const [topRows = '', bottomRows = '', leftColumns = '', rightColumns = ''] = left
    const zero = to.floats([0], [])
    const flat = (x: string): string => reshape(to, x, [-1])
    // dy goes to the winning row, then to the winning column; ties go to the first. Compared flat: over axes of length 1, Where walks element by element
    const share = (gradient: string, first: string, second: string, width: number): string => {
      const firsts = to.emit('Where', [to.emit('GreaterOrEqual', [flat(first), flat(second)]), gradient, zero])
      const parts = [firsts, to.emit('Sub', [gradient, firsts])].map((part) => reshape(to, part, [-1, 1, width]))
      return flat(to.emit('Concat', parts, { axis: { int: 1 } }))
    }
    const rows = share(flat(dy), topRows, bottomRows, (node.shape[3] ?? 2) / 2)
    return reshape(to, share(rows, leftColumns, rightColumns, 1), node.shape)
  }
  const [winners = ''] = left
  const size = sizeOf(node.shape)
  const zeros = to.emit('Expand', [to.floats([0]), to.ints([size])])
  const flat = to.emit('ScatterElements', [zeros, reshape(to, winners, [-1]), reshape(to, dy, [-1])], {
    axis: { int: 0 },
    reduction: { text: 'add' },
  })
  return reshape(to, flat, node.shape)
}
