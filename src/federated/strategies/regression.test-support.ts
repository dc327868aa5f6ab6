// Local work for tests of strategies: linear regression by full-batch gradient steps, a real one in a few lines. Honours all that a strategy may publish.
import { layout, type Params } from '../../algebra/index.ts'
import { seed } from '../../base/index.ts'
import type { LocalWork } from '../strategy.ts'

export interface Rows {
  /** `[rows, 3]` row-major; the last input is the constant 1. */
  readonly inputs: Float64Array
  readonly targets: Float64Array
  /** Gradient steps of this site. Default 5. */
  readonly steps?: number
}

const INPUTS = 3
/** Learning rate of {@link regression}. */
export const RATE = 0.1
const STEPS = 5

export const regressionLayout = layout([
  { name: 'linear.weight', shape: [1, 2] },
  { name: 'linear.bias', shape: [1] },
])

export const regressionStart: Params = { layout: regressionLayout, values: Float32Array.of(0.5, -0.25, 0.125) }

/** Sites of unlike size and slope, the same at every call. */
export const regressionSites = (sizes: readonly number[]): Readonly<Record<string, Rows>> =>
  Object.fromEntries(
    sizes.map((rows, k) => {
      const random = seed('regression').split(k).random()
      const inputs = Float64Array.from({ length: rows * INPUTS }, (_, i) => (i % INPUTS === INPUTS - 1 ? 1 : random.normal()))
      const targets = Float64Array.from(
        { length: rows },
        (_, r) => (k + 1) * inputs[r * INPUTS]! - inputs[r * INPUTS + 1]! + 0.1 * random.normal(),
      )
      return [`site${k}`, { inputs, targets }]
    }),
  )

/** Gradient of mean squared error / 2 and the loss, at `w`. */
const gradient = ({ inputs, targets }: Rows, w: Float32Array): { readonly g: Float64Array; readonly loss: number } => {
  const g = new Float64Array(INPUTS)
  let loss = 0
  for (let r = 0; r < targets.length; r += 1) {
    let error = -targets[r]!
    for (let i = 0; i < INPUTS; i += 1) error += inputs[r * INPUTS + i]! * w[i]!
    for (let i = 0; i < INPUTS; i += 1) g[i]! += (error * inputs[r * INPUTS + i]!) / targets.length
    loss += error ** 2 / (2 * targets.length)
  }
  return { g, loss }
}

export const regression: LocalWork<Rows> = ({ site }, { values, numbers, vectors }) => {
  const { proximal = 0, rate = 1, steps = site.steps ?? STEPS } = numbers
  const { correction, anchor = values } = vectors
  const w = values.slice()
  let total = 0
  for (let step = 0; step < steps; step += 1) {
    const { g, loss } = gradient(site, w)
    for (let i = 0; i < INPUTS; i += 1) w[i]! -= rate * RATE * (g[i]! + proximal * (w[i]! - anchor[i]!) + (correction?.[i] ?? 0))
    total += loss
  }
  return { values: w, weight: site.targets.length, steps, loss: total / steps, learningRate: rate * RATE }
}
