// Gradient inversion: what a row looks like to somebody who has the gradient that it made. Inputs and gradients are flat, in float64.
//   by division      Phong, Aono, Hayashi, Wang, Moriai 2018, "Privacy-preserving deep learning via additively homomorphic encryption", IEEE TIFS 13(5), section 3; Geiping et al. 2020,
//                    proposition 3.1: a first dense layer y = W·x + b has ∂W = δ·xᵀ and ∂b = δ, so that one row comes out exactly: x = Σₒ δₒ·∂Wₒ / Σₒ δₒ²
//   by matching      Zhu, Liu, Han 2019, "Deep leakage from gradients", NeurIPS, with the cosine distance and sign steps of Geiping, Bauermeister, Dröge, Moeller 2020, "Inverting gradients: how
//                    easy is it to break privacy in federated learning?", NeurIPS: moves an input until its gradient points where the seen one points
//   the label        Zhao, Mopuri, Bilen 2020, "iDLG: improved deep leakage from gradients": the last bias's gradient is p − y, negative for the row's class alone
import { YimengError } from '../../base/index.ts'
import type { Model } from '../../learn/index.ts'
import type { LossGradients } from '../../learn/engines/reference/index.ts'

/** What the attacker knows: the model that the site began with, and how gradients come of it. */
export interface Seen {
  readonly model: Pick<Model, 'layout' | 'input'>
  readonly parameters: Float64Array
  /** Of one row. */
  readonly differentiate: (parameters: Float64Array, inputs: Float64Array, targets: Float64Array) => LossGradients
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a))

/** Pearson's correlation; 0 where one of them does not vary. */
export const correlation = (a: Float64Array, b: Float64Array): number => {
  const centred = (x: Float64Array): Float64Array => {
    const centre = x.reduce((sum, value) => sum + value, 0) / x.length
    return x.map((value) => value - centre)
  }
  const [p, q] = [centred(a), centred(b)]
  const both = norm(p) * norm(q)
  return both === 0 ? 0 : dot(p, q) / both
}

/** The first layer, where it is dense with a bias and sees the inputs as they are: rows of weights, and where they lie. */
const firstDense = ({ layout: { entries }, input }: Seen['model']) => {
  const [weight, bias] = entries
  const inputs = input.reduce((product, length) => product * length, 1)
  const fits = weight?.shape.length === 2 && weight.shape[1] === inputs && bias?.shape.length === 1 && bias.shape[0] === weight.shape[0]
  return fits ? { weight: weight.offset, bias: bias.offset, outputs: bias.size, inputs } : undefined
}

/** The row by division; undefined for another first layer, and zeros for a gradient of zeros: a row that no unit answered to has left no trace. */
export const byDivision = (model: Seen['model'], gradient: Float64Array): Float64Array | undefined => {
  const first = firstDense(model)
  if (first === undefined) return undefined
  const sum = new Float64Array(first.inputs)
  let square = 0
  for (let o = 0; o < first.outputs; o += 1) {
    const delta = gradient[first.bias + o]!
    square += delta * delta
    const row = gradient.subarray(first.weight + o * first.inputs, first.weight + (o + 1) * first.inputs)
    for (const [i, value] of row.entries()) sum[i]! += delta * value
  }
  return square === 0 ? sum : sum.map((value) => value / square)
}

/** Class of the one row that made this gradient, of `classes` (one output for two classes): from the last tensor, a bias. */
export const labelOf = (gradient: Float64Array, outputs: number): number => {
  const last = gradient.subarray(gradient.length - outputs)
  // one logit: its gradient is p − y
  if (outputs === 1) return last[0]! < 0 ? 1 : 0
  return last.reduce((best, value, k) => (value < last[best]! ? k : best), 0)
}

/** Distance 1 − cos of two gradients, and its slope for the first. */
const cosineDistance = (g: Float64Array, seen: Float64Array): { readonly value: number; readonly slope: Float64Array } => {
  const [a, b, product] = [norm(g), norm(seen), dot(g, seen)]
  if (a === 0 || b === 0) return { value: 1, slope: new Float64Array(g.length) }
  return { value: 1 - product / (a * b), slope: g.map((value, i) => (product * value) / (a ** 3 * b) - seen[i]! / (a * b)) }
}

/** Length of the step in parameters by which the slope for inputs is measured, beside the parameters' own length: half the digits of float64. */
const PROBE = 1e-6

/**
 * The row by matching: `steps` steps of Adam on signs, from zeros. Only first derivatives are needed: the slope of the distance for the inputs is how the loss's slope for the inputs changes when
 * the parameters move along the distance's slope (a Hessian-vector product by central differences).
 *
 * @throws the signal's reason.
 */
export const byMatching = (
  { model: { input }, parameters, differentiate }: Seen,
  gradient: Float64Array,
  targets: Float64Array,
  { steps, signal }: { readonly steps: number; readonly signal?: AbortSignal },
): Float64Array => {
  const x = new Float64Array(input.reduce((product, length) => product * length, 1))
  const [mean, square] = [new Float64Array(x.length), new Float64Array(x.length)]
  let best = { value: Number.POSITIVE_INFINITY, x: x.slice() }
  for (let t = 1; t <= steps; t += 1) {
    signal?.throwIfAborted()
    const { value, slope } = cosineDistance(differentiate(parameters, x, targets).parameters, gradient)
    if (value < best.value) best = { value, x: x.slice() }
    const probe = (PROBE * Math.max(1, norm(parameters))) / Math.max(norm(slope), Number.MIN_VALUE)
    const moved = (sign: number) =>
      differentiate(
        parameters.map((p, i) => p + sign * probe * slope[i]!),
        x,
        targets,
      ).inputs
    const [ahead, behind] = [moved(1), moved(-1)]
    // the step shrinks as Geiping's: by tenths at three eighths, five eighths and seven eighths of the way
    const rate = 0.1 * 0.1 ** [3 / 8, 5 / 8, 7 / 8].filter((part) => t > part * steps).length
    for (let i = 0; i < x.length; i += 1) {
      const sign = Math.sign(ahead[i]! - behind[i]!)
      mean[i] = 0.9 * mean[i]! + 0.1 * sign
      square[i] = 0.999 * square[i]! + 0.001 * sign * sign
      x[i]! -= (rate * (mean[i]! / (1 - 0.9 ** t))) / (Math.sqrt(square[i]! / (1 - 0.999 ** t)) + 1e-8)
    }
  }
  return best.x
}

/** How a row came back. */
export interface Rebuilt {
  readonly how: 'division' | 'matching'
  readonly values: Float64Array
}

/**
 * The row that an attacker makes of a gradient: by division where the first layer allows it, else by matching.
 *
 * @throws YimengError `attack-inversion` for a model that needs matching where the label is a number, which a gradient does not tell.
 */
export const invert = (
  seen: Seen,
  gradient: Float64Array,
  {
    outputs,
    classes,
    steps,
    signal,
  }: { readonly outputs: number; readonly classes: boolean; readonly steps: number; readonly signal?: AbortSignal },
): Rebuilt => {
  const divided = byDivision(seen.model, gradient)
  if (divided !== undefined) return { how: 'division', values: divided }
  if (!classes)
    throw new YimengError({ code: 'attack-inversion', cannot: 'match gradients', expected: 'classes to predict', got: 'a number' })
  const targets = Float64Array.of(labelOf(gradient, outputs))
  return { how: 'matching', values: byMatching(seen, gradient, targets, { steps, ...(signal === undefined ? {} : { signal }) }) }
}
