import { expect, test } from 'vitest'
import { closureFaults } from './closures.ts'

const faults = (body: string) =>
  closureFaults([{ path: 'a.ts', text: `let leak = 0; const box: any = {}; await round.atClients(${body}, x)` }])

test.each([
  '(node, x) => x + 1',
  '(node, { a, ...b }) => { let sum = 0; for (const v of b) sum += v; return sum }',
  'work',
  '(node, out) => { out[0] = 1; return out }',
])('lets pass: %s', (body) => expect(faults(body)).toEqual([]))

test.each([
  '(node, x) => { leak = x }',
  '(node, x) => (leak += x)',
  '() => { leak++ }',
  '(n, x) => { box.leak = x }',
  '(n, x) => { box["a"].b[0] = x }',
])('catches: %s', (body) => expect(faults(body)).toHaveLength(1))
