import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { evaluate } from '../engines/reference/evaluate.ts'
import { evaluations } from '../engines/reference/evaluations.ts'
import { add, exp, mul, relu } from '../ops/elementwise.ts'
import { type OpUse, opCases } from '../ops/op-cases.suite.ts'
import { expand } from '../ops/structure.ts'
import { gradients } from './gradient.ts'
import { graph } from './graph.ts'
import type { Node } from './node.ts'
import { sizeOf } from './shape.ts'

const USES = 25
const STEP = 1e-5

/** Largest gap between a gradient and central differences, relative to the gradient's size or 1. */
const worstGap = ({ inputs, output }: OpUse, root: string): number => {
  const random = seed(root).random()
  const cotangent = output.graph.input('cotangent', output.shape)
  const weights = Float64Array.from({ length: sizeOf(output.shape) }, random.normal)
  const found = gradients(
    output,
    inputs.map(({ node }) => node),
    cotangent,
  )
  const given = new Map<Node, Float64Array>([[cotangent, weights], ...inputs.map(({ node, values }) => [node, values] as const)])
  const value = (): number =>
    (evaluate(evaluations, [output], given)[0] ?? new Float64Array(0)).reduce((sum, y, i) => sum + y * (weights[i] ?? 0), 0)
  let worst = 0
  for (const [i, { node, values, fixed }] of inputs.entries()) {
    if (fixed === true) continue
    const gradient = found[i] === undefined ? new Float64Array(values.length) : evaluate(evaluations, [found[i]], given)[0]
    for (const [j, x] of values.entries()) {
      const at = (shifted: number): number => {
        given.set(node, values.with(j, shifted))
        return value()
      }
      const slope = (at(x + STEP) - at(x - STEP)) / (2 * STEP)
      given.set(node, values)
      worst = Math.max(worst, Math.abs(slope - (gradient?.[j] ?? Number.NaN)) / Math.max(1, Math.abs(slope)))
    }
  }
  return worst
}

test.each(Object.entries(opCases))('%s: its gradient is that of central differences, over random shapes', (name, draw) => {
  const random = seed('gradient').split(name).random()
  for (let k = 0; k < USES; k++) expect(worstGap(draw(random), `${name} ${k}`)).toBeLessThan(1e-6)
})

test('the check can fail: a gradient that forgets the inner derivative is caught', () => {
  const g = graph()
  const x = g.input('x', [3])
  // the output is exp(2x), but as the check sees it, of an input that enters as x
  const gap = worstGap({ inputs: [{ node: x, values: Float64Array.of(0.1, 0.2, 0.3) }], output: exp(mul(x, 2)) }, 'broken')
  expect(gap).toBeLessThan(1e-6)
  const y = g.input('y', [3])
  const wrong = gradients(exp(y), [y], expand(g.constant(1), [3]))[0]
  const [slope] = evaluate(evaluations, [wrong as Node], new Map([[y, Float64Array.of(0.1, 0.2, 0.3)]]))
  expect(Math.abs((slope?.[0] ?? 0) - 2 * Math.exp(0.2))).toBeGreaterThan(1)
})

test('a value that is used twice gets both gradients; one that is not used gets none', () => {
  const g = graph()
  const [x, other] = [g.input('x', [2]), g.input('other', [2])]
  const y = add(mul(x, x), relu(x))
  const [dx, dother] = gradients(y, [x, other], expand(g.constant(1), [2]))
  expect(dother).toBeUndefined()
  expect([...(evaluate(evaluations, [dx as Node], new Map([[x, Float64Array.of(3, -2)]]))[0] ?? [])]).toEqual([7, -4])
})

test('equal operations on equal inputs are one node, and 0 is not −0', () => {
  const g = graph()
  const x = g.input('x', [2])
  expect(exp(x)).toBe(exp(x))
  expect(g.constant(0)).toBe(g.constant(0))
  expect(g.constant(0)).not.toBe(g.constant(-0))
  expect(g.constant(Number.POSITIVE_INFINITY)).not.toBe(g.constant(Number.NaN))
  expect(() => g.input('x', [3])).toThrow('new name')
  expect(() => add(x, g.input('y', [3]))).toThrow('shapes that broadcast, got [2] and [3]')
})
