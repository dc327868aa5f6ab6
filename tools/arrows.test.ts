import { expect, test } from 'vitest'
import { arrowFaults } from './arrows.ts'

const faults = (path: string, text: string, ...more: readonly (readonly [string, string])[]) =>
  arrowFaults([{ path, text }, ...more.map(([p, t]) => ({ path: p, text: t }))])

test.each([
  ['an arrow the house has', 'src/federated/a.ts', "import { ring64 } from '../algebra/index.ts'"],
  ['an arrow through a room in between', 'src/tasks/a.ts', "import { seed } from '../base/index.ts'"],
  ['a type along a type arrow', 'src/data/a.ts', "import type { Batchable } from '../learn/index.ts'"],
  ['a room within itself', 'src/learn/a.ts', "import { b } from './ops/b.ts'"],
  ['node: in a node file', 'src/base/file.node.ts', "import { readFile } from 'node:fs'"],
  ['ONNX Runtime in its engine', 'src/learn/engines/native/session.ts', "import * as ort from 'onnxruntime-node'"],
])('allows %s', (_, path, text) => expect(faults(path, text)).toEqual([]))

test.each([
  ['federated → learn', 'src/federated/a.ts', "import { mlp } from '../learn/index.ts'", 'federated must not import learn'],
  ['federated → learn, types', 'src/federated/a.ts', "import type { Trainer } from '../learn/index.ts'", 'federated must not import learn'],
  ['a value along a type arrow', 'src/data/a.ts', "import { mlp } from '../learn/index.ts'", 'data must not import learn'],
  ['privacy → federated', 'src/privacy/a.ts', "export { x } from '../federated/index.ts'", 'privacy must not import federated'],
  ['coordinator → node', 'src/coordinator/a.ts', "import { x } from '../node/index.ts'", 'coordinator must not import node'],
  ['anything → cli', 'src/tasks/a.ts', "await import('../cli/index.ts')", 'tasks must not import cli'],
  ['past the entrance', 'src/learn/a.ts', "import { ring64 } from '../algebra/ring.ts'", "past algebra's entrance"],
  ['an unknown room', 'src/attic/a.ts', "import { seed } from '../base/index.ts'", 'unknown room'],
  ['node: in a browser room', 'src/algebra/a.ts', "import { readFile } from 'node:fs'", 'runs in a browser'],
  ['ONNX Runtime elsewhere', 'src/learn/a.ts', "import * as ort from 'onnxruntime-node'", 'may import onnxruntime-node'],
  ['an unseeded random', 'src/learn/a.ts', 'export const x = Math.random()', 'Math.random'],
  ['a wall clock', 'src/runtime/a.ts', 'export const x = Date.now()', 'Date.now'],
  ['an empty name', 'src/data/csv-utils.ts', '', "'utils' names no idea"],
])('refuses %s', (_, path, text, fault) => expect(faults(path, text).join('\n')).toContain(fault))

test('refuses an import cycle, and lets types turn back', () => {
  const one = ['src/base/a.ts', "import { b } from './b.ts'\nexport const a = 1"] as const
  expect(faults('src/base/b.ts', "import { a } from './a.ts'\nexport const b = 1", one).join()).toContain('import cycle')
  expect(faults('src/base/b.ts', "import type { a } from './a.ts'\nexport const b = 1", one)).toEqual([])
})
