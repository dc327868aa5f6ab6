import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { memoryChannels } from '../../base/index.ts'
import { evaluatePlain } from '../boolean/gmw.ts'
import { emptyPlanes, type Planes, planesOfWords, strideOf, wordsOfPlanes } from '../boolean/planes.ts'
import { openSession } from '../session.ts'
import { evaluateLabels, freshOffset, guestLabels, hostLabels, sharesOfLabels } from '../yao/labels.ts'
import { gateHash } from '../yao/half-gates.ts'
import { aesCircuit } from './aes.ts'
import { readBristol, writeBristol } from './bristol.ts'
import { depthOf } from './circuit.ts'
import { argmaxCircuit, divider, sortCircuit } from './selection.ts'
import { SHA256_START, sha256Circuit } from './sha256.ts'
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
    const state = { hash: gateHash(session.nonce), delta: freshOffset(session.rng), ahead: () => undefined }
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

test("the SHA-256 circuit is Node's SHA-256", () => {
  // one block: 55 bytes and the padding
  const message = new Uint8Array(randomBytes(55))
  const block = new Uint8Array(64)
  block.set(message)
  block[55] = 0x80
  new DataView(block.buffer).setUint32(60, 55 * 8)
  const wordsOf = (values: readonly number[]): Planes => {
    const planes = emptyPlanes(1, 32 * values.length)
    values.forEach((value, w) => {
      for (let b = 0; b < 32; b++) planes.bytes[32 * w + b] = (value >>> b) & 1
    })
    return planes
  }
  const view = new DataView(block.buffer)
  const [out] = evaluatePlain(
    sha256Circuit(),
    [wordsOf(Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i))), wordsOf(SHA256_START)],
    1,
  )
  const digest = Buffer.alloc(32)
  for (let w = 0; w < 8; w++) {
    let value = 0
    for (let b = 0; b < 32; b++) value |= ((out?.bytes[32 * w + b] as number) & 1) << b
    digest.writeUInt32BE(value >>> 0, 4 * w)
  }
  expect(digest.toString('hex')).toBe(createHash('sha256').update(message).digest('hex'))
  expect(sha256Circuit().ands).toBeLessThan(24_000)
})

test('argmax, sorting and division agree with ordinary numbers', () => {
  const rows = 40
  const numbers = (width: number): BigUint64Array =>
    new BigUint64Array(new Uint8Array(randomBytes(8 * rows)).buffer).map((x) => BigInt.asUintN(width, x))
  const signed = (x: bigint): bigint => BigInt.asIntN(12, x)
  for (const shape of ['small', 'shallow'] as const)
    for (const count of [1, 2, 3, 5, 8]) {
      const lists = Array.from({ length: count }, () => numbers(12))
      const planes = lists.map((list) => planesOfWords(list, 12))
      const sorted = evaluatePlain(sortCircuit(count, 12, shape, true), planes, rows).map((one) => wordsOfPlanes(one))
      const [place, value] = evaluatePlain(argmaxCircuit(count, 12, shape, true), planes, rows).map((one) => wordsOfPlanes(one))
      for (let row = 0; row < rows; row++) {
        const own = lists.map((list) => signed(list[row] as bigint))
        const ascending = own.toSorted((x, y) => (x < y ? -1 : x > y ? 1 : 0))
        expect(sorted.map((list) => signed(list[row] as bigint))).toEqual(ascending)
        expect(signed(value?.[row] ?? 0n)).toBe(ascending.at(-1))
        expect(Number(place?.[row])).toBe(own.indexOf(ascending.at(-1) ?? 0n))
      }
    }
  const [a, b] = [numbers(16), numbers(9)]
  b[0] = 0n
  const [quotient, remainder] = evaluatePlain(divider(16, 'small'), [planesOfWords(a, 16), planesOfWords(b, 16)], rows).map((one) =>
    wordsOfPlanes(one),
  )
  for (let row = 0; row < rows; row++) {
    const [x, y] = [a[row] as bigint, b[row] as bigint]
    expect([quotient?.[row], remainder?.[row]]).toEqual(y === 0n ? [65_535n, x] : [x / y, x % y])
  }
})
