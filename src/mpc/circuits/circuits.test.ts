import { createCipheriv, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { memoryChannels } from '../../base/index.ts'
import { evaluatePlain } from '../boolean/gmw.ts'
import { emptyPlanes, type Planes, planesOfWords, strideOf, wordsOfPlanes } from '../boolean/planes.ts'
import { openSession } from '../session.ts'
import { evaluateLabels, guestLabels, hostLabels, sharesOfLabels } from '../yao/labels.ts'
import { gateHash } from '../yao/half-gates.ts'
import { aesCircuit } from './aes.ts'
import { readBristol, writeBristol } from './bristol.ts'
import { depthOf } from './circuit.ts'
import { adder, equalCircuit, lessThanCircuit, multiplier } from './integers.ts'

const planesOfBlocks = (blocks: readonly Uint8Array[]): Planes => {
  const planes = emptyPlanes(blocks.length, 128)
  const stride = strideOf(blocks.length)
  blocks.forEach((block, row) => {
    for (let b = 0; b < 128; b++)
      if (((block[b >> 3] as number) >> (b & 7)) & 1)
        planes.bytes[b * stride + (row >> 3)] = (planes.bytes[b * stride + (row >> 3)] as number) | (1 << (row & 7))
  })
  return planes
}
const blocksOfPlanes = ({ length, bytes }: Planes): readonly string[] =>
  Array.from({ length }, (_, row) => {
    const block = new Uint8Array(16)
    for (let b = 0; b < 128; b++)
      block[b >> 3] = (block[b >> 3] as number) | ((((bytes[b * strideOf(length) + (row >> 3)] as number) >> (row & 7)) & 1) << (b & 7))
    return Buffer.from(block).toString('hex')
  })
const randomBlocks = (count: number): readonly Uint8Array[] => Array.from({ length: count }, () => new Uint8Array(randomBytes(16)))
const encrypted = (keys: readonly Uint8Array[], blocks: readonly Uint8Array[]): readonly string[] =>
  keys.map((key, i) =>
    createCipheriv('aes-128-ecb', key, null)
      .setAutoPadding(false)
      .update(blocks[i] ?? new Uint8Array(16))
      .toString('hex'),
  )

test("the AES circuit is Node's AES, in the clear", () => {
  expect(aesCircuit().ands).toBe(6400)
  const [keys, blocks] = [randomBlocks(100), randomBlocks(100)]
  const [out] = evaluatePlain(aesCircuit(), [planesOfBlocks(keys), planesOfBlocks(blocks)], 100)
  expect(blocksOfPlanes(out as Planes)).toEqual(encrypted(keys, blocks))
})

test("the AES circuit is Node's AES, garbled: the guest has the keys, the host the blocks", async () => {
  const [keys, blocks] = [randomBlocks(11), randomBlocks(11)]
  const [a, b] = memoryChannels()
  const side = async (me: 'guest' | 'host'): Promise<Planes> => {
    const session = await openSession(me === 'guest' ? a : b, me, 'aes')
    const delta = new Uint8Array(16)
    session.rng.fill(delta)
    delta[0] = (delta[0] as number) | 1
    const state = { hash: gateHash(session.nonce), delta }
    const key = await guestLabels(session, state, 11, 128, me === 'guest' ? planesOfBlocks(keys) : undefined)
    const block = await hostLabels(session, state, 11, 128, me === 'host' ? planesOfBlocks(blocks) : undefined)
    const [out] = await evaluateLabels(session, state, aesCircuit(), [key, block], 11)
    return sharesOfLabels(out as NonNullable<typeof out>)
  }
  const [mine, theirs] = await Promise.all([side('guest'), side('host')])
  const joined = { ...mine, bytes: mine.bytes.map((byte, i) => byte ^ (theirs.bytes[i] as number)) }
  expect(blocksOfPlanes(joined)).toEqual(encrypted(keys, blocks))
})

test('small circuits have few gates, shallow ones few layers', () => {
  expect(adder(64, 'small').ands).toBe(63)
  expect(lessThanCircuit(32, 'small', false).ands).toBe(32)
  expect(equalCircuit(64).ands).toBe(63)
  expect(depthOf(adder(64, 'shallow'))).toBeLessThanOrEqual(7)
  expect(depthOf(lessThanCircuit(64, 'shallow', true))).toBeLessThanOrEqual(8)
  expect(depthOf(multiplier(64, 'shallow'))).toBeLessThanOrEqual(18)
})

test('Bristol Fashion: written and read again, a circuit computes the same', () => {
  const text = writeBristol(multiplier(16, 'small'))
  const again = readBristol('again', text)
  expect(again.ands).toBe(multiplier(16, 'small').ands)
  const [x, y] = [BigUint64Array.of(3n, 255n, 65_535n, 0n), BigUint64Array.of(5n, 257n, 65_535n, 9n)]
  const [out] = evaluatePlain(again, [planesOfWords(x, 16), planesOfWords(y, 16)], 4)
  expect([...wordsOfPlanes(out as Planes)]).toEqual([15n, 65_535n, 1n, 0n])
})

test('Bristol Fashion: every kind of gate, and faults with their line', () => {
  const all =
    '7 11\n2 2 2\n1 4\n\n2 1 0 1 4 XOR\n1 1 4 5 INV\n1 1 1 6 EQ\n4 2 0 1 2 3 7 8 MAND\n2 1 5 6 9 AND\n1 1 9 10 EQW\n1 1 10 7 EQW\n'
  const [out] = evaluatePlain(
    readBristol('all', all),
    [planesOfWords(BigUint64Array.of(3n, 1n), 2), planesOfWords(BigUint64Array.of(3n, 2n), 2)],
    2,
  )
  // output wires 7 (overwritten by 10), 8, 9, 10
  expect([...wordsOfPlanes(out as Planes)]).toEqual([0b1111n, 0b0000n])
  expect(() => readBristol('few', '2 3\n2 1 1\n1 1\n\n2 1 0 1 2 AND\n')).toThrow(/line 1/)
  expect(() => readBristol('kind', '1 3\n2 1 1\n1 1\n\n2 1 0 1 2 NAND\n')).toThrow(/line 5/)
  expect(() => readBristol('wire', '1 3\n2 1 1\n1 1\n\n2 1 0 7 2 AND\n')).toThrow(/wire 7/)
})
