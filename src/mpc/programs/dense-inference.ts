// A small dense network of the host on records of the guest: the host does not see the records, the guest does not see the weights, and only the guest learns the answers.
// Adversary: semi-honest. What leaks: the network's shape and a bound of its weights, the number of records; the answers, to the guest. Many answers tell something about the weights.
// Precision: weights and activations carry 16 fraction bits; activations must stay below 2^14 in absolute value.
import { YimengError } from '../../base/index.ts'
import { powerOfTwo } from '../arithmetic/truncate.ts'
import { fixedPoint, realNumbers, type Words } from '../arithmetic/words.ts'
import { notNegativeCircuit } from '../circuits/integers.ts'
import { argmaxCircuit } from '../circuits/selection.ts'
import { type Circuit, circuit, type Wire, ZERO } from '../circuits/circuit.ts'
import type { Held, Secure, Shared } from '../secure.ts'

/** One dense layer of the host: `weights` [outputs, inputs] row-major, `biases` [outputs]. */
export interface DenseLayer {
  readonly weights: readonly (readonly number[])[]
  readonly biases: readonly number[]
}

/** Public parameters. */
export interface DenseSpec {
  /** Numbers of features, then of each layer's outputs; rectified between layers. */
  readonly widths: readonly number[]
  readonly rows: number
  /** No weight exceeds this in absolute value. */
  readonly weightBound: number
  /** What the guest learns: the outputs, or only which is the largest (with one output: 1 where it is not negative). */
  readonly shows: 'outputs' | 'class'
}

/** What each party brings. */
export interface DenseInput {
  /** Records, [rows, features]. */
  readonly guest?: readonly (readonly number[])[]
  readonly host?: readonly DenseLayer[]
}

const FRACTION = 16
/** Activations as the circuits see them. */
const WIDTH = 32

const rectifier: Circuit = circuit('rectify', [WIDTH], (g, [x = []]) => {
  const positive = g.not(x.at(-1) ?? ZERO)
  return [x.map((wire, i): Wire => (i === WIDTH - 1 ? ZERO : g.and(wire, positive)))]
})

const checkLayer = (layer: DenseLayer | undefined, inputs: number, outputs: number, bound: number, index: number): DenseLayer => {
  const fits =
    layer !== undefined &&
    layer.biases.length === outputs &&
    layer.weights.length === outputs &&
    layer.weights.every((row) => row.length === inputs && row.every((w) => Math.abs(w) <= bound))
  if (!fits)
    throw new YimengError({
      code: 'dense-shape',
      cannot: 'share layer',
      expected: `${outputs} x ${inputs} weights of at most ${bound}`,
      got: 'others',
      where: { layer: index },
    })
  return layer
}

// column-major, as held matrices are
const matrixOf = ({ weights }: DenseLayer, inputs: number, outputs: number): Words =>
  fixedPoint(
    Array.from({ length: inputs * outputs }, (_, k) => weights[k % outputs]?.[Math.floor(k / outputs)] ?? 0),
    FRACTION,
  )

/** Outputs [rows, last width] row-major, or one class per row, at the guest. */
export const denseInference = async (
  engine: Secure,
  { widths, rows, weightBound, shows }: DenseSpec,
  input: DenseInput,
): Promise<Held<'guest', readonly number[]>> => {
  const bits = FRACTION + Math.ceil(Math.log2(weightBound)) + 2
  const [features = 0] = widths
  let activations = Array.from({ length: rows }, (_, row) =>
    engine.share(
      engine.held('guest', () => fixedPoint(input.guest?.[row] ?? [], FRACTION)),
      features,
    ),
  )
  for (const [index, outputs] of widths.slice(1).entries()) {
    const inputs = widths[index] ?? 0
    const layer = (): DenseLayer => checkLayer(input.host?.[index], inputs, outputs, weightBound, index)
    const matrix = await engine.prepareMatrix(
      engine.held('host', () => matrixOf(layer(), inputs, outputs)),
      { rows: outputs, columns: inputs, bits },
    )
    const biases = engine.share(
      engine.held('host', () => fixedPoint(layer().biases, 2 * FRACTION)),
      outputs,
    )
    const products = await engine.products(activations.map((vector) => ({ matrix, vector })))
    // all rows together from here on: fewer rounds
    let joined = await engine.truncate(engine.concat(products.map((product) => engine.add(product, biases))), powerOfTwo(FRACTION), 'exact')
    if (index < widths.length - 2) {
      const [rectified] = await engine.circuit(rectifier, [await engine.toYao(joined, WIDTH)])
      joined = await engine.toArithmetic(rectified as Shared<'yao'>)
    }
    activations = Array.from({ length: rows }, (_, row) => engine.slice(joined, row * outputs, (row + 1) * outputs))
  }
  const classes = widths.at(-1) ?? 0
  const joined = engine.concat(activations)
  if (shows === 'outputs')
    return engine.mapHeld(await engine.reveal(joined, 'guest'), (values) => Array.from(realNumbers(values, FRACTION)))
  // one vector per class, over the rows
  const byClass = Array.from({ length: classes }, (_, k) => engine.concat(activations.map((row) => engine.slice(row, k, k + 1))))
  const shares: Shared<'yao'>[] = []
  for (const one of byClass) shares.push(await engine.toYao(one, WIDTH))
  // one output is a logit: the second class where it is not negative
  const decision = classes === 1 ? notNegativeCircuit(WIDTH) : argmaxCircuit(classes, WIDTH, 'small', true)
  const [place] = await engine.circuit(decision, shares)
  return engine.mapHeld(await engine.reveal(place as Shared<'yao'>, 'guest'), (values) => Array.from(values, Number))
}
