// Every formulation of every product is the reference's, over random shapes; and so is max pooling with ties.
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { type Random, seed } from '../../base/index.ts'
import { evaluate } from '../engines/reference/evaluate.ts'
import { evaluations } from '../engines/reference/evaluations.ts'
import { gradients } from '../graph/gradient.ts'
import { graph } from '../graph/graph.ts'
import type { Node } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import { convFilterGrad, convInputGrad } from '../ops/convolution.ts'
import { drawConv } from '../ops/op-cases.suite.ts'
import { maxPool } from '../ops/pooling.ts'
import type { Shape } from '../types.ts'
import { convolutionLowerings } from './convolution.ts'
import type { Formulations } from './convolution-forms.ts'
import { onnxBuilder } from './emitter.ts'
import { graphModel } from './graph-model.ts'
import type { Lowering } from './lowering.ts'
import { onnxModel } from './proto.ts'

const values = (random: Random, shape: Shape): Float64Array =>
  Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(random.normal()))

const run = async (
  model: Uint8Array,
  feeds: Readonly<Record<string, readonly [Float64Array, Shape]>>,
): Promise<Record<string, Float32Array>> => {
  const session = await InferenceSession.create(model, { logSeverityLevel: 4 })
  const results = await session.run(
    Object.fromEntries(Object.entries(feeds).map(([name, [data, dims]]) => [name, new Tensor('float32', Float32Array.from(data), dims)])),
  )
  const found = Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, (tensor.data as Float32Array).slice()]))
  await session.release()
  return found
}

const close = (found: Float32Array | undefined, expected: Float64Array | undefined, label: string): void => {
  expect(found?.length, label).toBe(expected?.length)
  const scale = Math.max(1, ...(expected ?? []).map(Math.abs))
  for (const [i, value] of (expected ?? []).entries())
    expect(Math.abs((found?.[i] ?? Number.NaN) - value), `${label} [${i}]`).toBeLessThan(2e-6 * scale)
}

const every: readonly (readonly [keyof Formulations, Partial<Formulations>])[] = [
  ['conv', { conv: 'direct' }],
  ['conv', { conv: 'folded' }],
  ['convInputGrad', { convInputGrad: 'flipped' }],
  ['convInputGrad', { convInputGrad: 'flippedFolded' }],
  ['convInputGrad', { convInputGrad: 'mirrored' }],
  ['convInputGrad', { convInputGrad: 'transposed' }],
  ['convInputGrad', { convInputGrad: 'transposedFolded' }],
  ['convInputGrad', { convInputGrad: 'shifts' }],
  ['convFilterGrad', { convFilterGrad: 'swapped' }],
  ['convFilterGrad', { convFilterGrad: 'depth' }],
  ['convFilterGrad', { convFilterGrad: 'columns' }],
  ['convFilterGrad', { convFilterGrad: 'taps' }],
]

test.each(every.map(([op, forced]) => [op, Object.values(forced)[0], forced] as const))('%s as %s', async (op, form, forced) => {
  const random = seed('formulation').split(op, String(form)).random()
  for (let k = 0; k < 12; k++) {
    const { geometry: drawn, x, weight: w, y } = drawConv(random, 1 + random.integer(2))
    const straight = form === 'flipped' || form === 'flippedFolded' || form === 'mirrored' || form === 'shifts'
    const ungrouped = form === 'shifts' || form === 'columns' || form === 'taps' || form === 'mirrored'
    // what the table never asks of a formulation
    if (
      straight &&
      (drawn.stride.some((s) => s !== 1) || drawn.padding.some((p, i) => p > (drawn.dilation[i] ?? 1) * ((w[i + 2] ?? 1) - 1)))
    )
      continue
    if (ungrouped && drawn.groups !== 1) continue
    const g = graph()
    const shapes: Record<keyof Formulations, readonly [Shape, Shape]> = { conv: [x, w], convInputGrad: [y, w], convFilterGrad: [x, y] }
    const [a, b] = [g.input('a', shapes[op][0]), g.input('b', shapes[op][1])]
    const node =
      op === 'conv'
        ? g.emit('conv', [a, b], drawn)
        : op === 'convInputGrad'
          ? convInputGrad(a, b, drawn, x.slice(2))
          : convFilterGrad(a, b, drawn, w.slice(2))
    const to = onnxBuilder()
    const lowering = convolutionLowerings(forced)[op] as unknown as Lowering<keyof Formulations>
    to.push({ op: 'Identity', inputs: [lowering(node as Node<keyof Formulations>, ['a', 'b'], to)], outputs: ['y'] })
    const feeds = { a: [values(random, a.shape), a.shape], b: [values(random, b.shape), b.shape] } as const
    const inputs = [a, b].map((input, i) => ({ name: i === 0 ? 'a' : 'b', type: 'float' as const, dims: input.shape }))
    const model = onnxModel({ name: 'form', inputs, outputs: [{ name: 'y', type: 'float' }], nodes: to.nodes, tensors: to.tensors })
    const [expected] = evaluate(
      evaluations,
      [node],
      new Map([
        [a, feeds.a[0]],
        [b, feeds.b[0]],
      ]),
    )
    close((await run(model, feeds))['y'], expected, JSON.stringify({ drawn, x, w }))
  }
})

test.each([
  ['2×2', { kernel: 2 }],
  ['3×3, overlapping', { kernel: 3, stride: 2, padding: 1 }],
])('max pooling %s sends the gradient of tied values to the first', async (_name, options) => {
  const g = graph()
  const [x, dy] = [g.input('x', [2, 3, 8, 8]), g.input('dy', [2, 3, 4, 4])]
  const y = maxPool(x, options)
  const [dx] = gradients(y, [x], dy)
  const random = seed('ties').random()
  // few distinct values: most windows have a tie
  const feeds = {
    x: [Float64Array.from({ length: 384 }, () => random.integer(3) - 1), x.shape],
    dy: [values(random, dy.shape), dy.shape],
  } as const
  const expected = evaluate(
    evaluations,
    [y, dx as Node],
    new Map([
      [x, feeds.x[0]],
      [dy, feeds.dy[0]],
    ]),
  )
  const found = await run(graphModel({ y, dx: dx as Node }), feeds)
  close(found['y'], expected[0], 'y')
  close(found['dx'], expected[1], 'dx')
})
