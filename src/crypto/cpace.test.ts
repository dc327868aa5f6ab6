import { expect, test } from 'vitest'
import { csprng, equalBytes } from '../base/index.ts'
import { cpace } from './index.ts'

const session = new Uint8Array(16).fill(7)
const agree = async (mine: string, theirs: string): Promise<boolean> => {
  const a = await cpace(csprng(), mine, 'test', session, true)
  const b = await cpace(csprng(), theirs, 'test', session, false)
  return equalBytes(a.key(b.message), b.key(a.message))
}

test('the same code gives the same key, another code another one', async () => {
  expect(await agree('K7QF-2M9X', 'K7QF-2M9X')).toBe(true)
  expect(await agree('K7QF-2M9X', 'K7QF-2M9Y')).toBe(false)
})

test('two attempts with one code give different keys', async () => {
  const one = await cpace(csprng(), 'code', 'test', session, true)
  const two = await cpace(csprng(), 'code', 'test', session, false)
  const three = await cpace(csprng(), 'code', 'test', session, false)
  expect(equalBytes(one.key(two.message), one.key(three.message))).toBe(false)
})

test('bytes that are no group element, and the neutral element, are refused', async () => {
  const side = await cpace(csprng(), 'code', 'test', session, true)
  expect(() => side.key(new Uint8Array(32).fill(255))).toThrow(/ristretto255/)
  expect(() => side.key(new Uint8Array(32))).toThrow(/ristretto255/)
  expect(() => side.key(new Uint8Array(31))).toThrow(/ristretto255/)
})
