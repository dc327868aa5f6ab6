import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { seed } from '../../../base/index.ts'
import { gradients } from '../../graph/gradient.ts'
import type { Node } from '../../graph/node.ts'
import { sizeOf } from '../../graph/shape.ts'
import { graphModel } from '../../onnx/graph-model.ts'
import { opCases } from '../../ops/op-cases.suite.ts'
import { evaluate } from '../reference/evaluate.ts'
import { evaluations } from '../reference/evaluations.ts'

const USES = 8

test.each(Object.entries(opCases))('%s: value and gradient are those of the reference', async (name, draw) => {
  const random = seed('native').split(name).random()
  for (let k = 0; k < USES; k++) {
    const { inputs, output } = draw(random)
    const cotangent = output.graph.input('cotangent', output.shape)
    const given = new Map<Node, Float64Array>([
      [cotangent, Float64Array.from({ length: sizeOf(output.shape) }, () => Math.fround(random.normal()))],
      ...inputs.map(({ node, values }) => [node, values] as const),
    ])
    const found = gradients(
      output,
      inputs.map(({ node }) => node),
      cotangent,
    )
    const outputs: Record<string, Node> = { output }
    for (const [i, dx] of found.entries()) if (dx !== undefined) outputs[`d${i}`] = dx
    const session = await InferenceSession.create(graphModel(outputs), { logSeverityLevel: 4 })
    const wanted = new Set(session.inputNames)
    const feeds = [...given].flatMap(([node, values]) => {
      const { name: feed } = (node as Node<'input'>).attributes
      return wanted.has(feed) ? [[feed, new Tensor('float32', Float32Array.from(values), node.shape)] as const] : []
    })
    const results = await session.run(Object.fromEntries(feeds))
    const expected = evaluate(evaluations, Object.values(outputs), given)
    for (const [i, key] of Object.keys(outputs).entries()) {
      const ours = results[key]?.data as Float32Array
      const reference = expected[i] ?? new Float64Array(0)
      expect(ours.length).toBe(reference.length)
      for (const [j, value] of reference.entries()) {
        expect(Math.abs((ours[j] ?? Number.NaN) - value), `${name} ${key}[${j}]`).toBeLessThan(3e-6 * Math.max(1, Math.abs(value)))
      }
    }
    await session.release()
  }
})
