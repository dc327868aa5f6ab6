// Activations that are made of elementwise operations.
import type { Node } from '../graph/node.ts'
import { add, erf, maximum, mul, sigmoid } from './elementwise.ts'

/** x where positive, else slope·x; the slope is below 1. */
export const leakyRelu = (x: Node, slope = 0.01): Node => maximum(x, mul(x, slope))

/** x·Φ(x), with the normal distribution function Φ (Hendrycks and Gimpel 2016). */
export const gelu = (x: Node): Node => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1))

/** x·σ(x), also called swish. */
export const silu = (x: Node): Node => mul(x, sigmoid(x))
