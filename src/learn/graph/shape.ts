// Arithmetic on shapes.
import { YimengError } from '../../base/index.ts'
import type { Shape } from '../types.ts'

/** Number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1)

/** Whether two shapes are the same. */
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((length, axis) => length === b[axis])

/** A shape as people write it: `[32, 2]`. */
export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`

/** Length of one axis; a negative axis counts from the end. */
export const axisLength = (shape: Shape, axis: number): number => {
  const length = shape.at(axis)
  if (length === undefined) throw shapeError('use axis', `an axis below ${shape.length}`, `${axis} of ${showShape(shape)}`)
  return length
}

/** The error for inputs that do not fit an operation, code `graph-shape`. */
export const shapeError = (cannot: string, expected: string, got: string): YimengError =>
  new YimengError({ code: 'graph-shape', cannot, expected, got })

/** The common shape of two broadcast operands, as in NumPy: axes align at the end, length 1 stretches. Throws `graph-shape`. */
export const broadcastShape = (a: Shape, b: Shape): Shape => {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const p = a[axis - rank + a.length] ?? 1
    const q = b[axis - rank + b.length] ?? 1
    if (p !== q && p !== 1 && q !== 1) throw shapeError('combine tensors', 'shapes that broadcast', `${showShape(a)} and ${showShape(b)}`)
    return p === 1 ? q : p
  })
}

/** Elements to skip for one step along each axis of a row-major tensor. */
export const stridesOf = (shape: Shape): readonly number[] => {
  const strides = Array.from(shape, () => 1)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis] ?? 1
  }
  return strides
}
