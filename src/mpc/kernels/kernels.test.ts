import { createCipheriv, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { batchKey, hashRows } from '../symmetric.ts'
import { kernels } from './kernels.ts'

// each kernel against a plain loop, bit for bit

const bit = (bytes: Uint8Array, i: number): number => ((bytes[i >> 3] as number) >> (i & 7)) & 1
const random = (count: number): Uint8Array => new Uint8Array(randomBytes(count))
const randomWords = (count: number): BigUint64Array => new BigUint64Array(random(8 * count).buffer)
const mod = (x: bigint): bigint => BigInt.asUintN(64, x)

test('transpose: bit i of column j becomes bit j of row i', () => {
  const k = kernels()
  for (const bytes of [16, 48, 256]) {
    const columns = random(128 * bytes)
    const rows = k.work(() => {
      const from = k.put(columns)
      const to = k.take(bytes * 128)
      k.transpose(from, bytes, to, bytes)
      return k.copy(to, bytes * 128)
    })
    for (let i = 0; i < 8 * bytes; i++)
      for (let j = 0; j < 128; j++)
        if (bit(rows, i * 128 + j) !== bit(columns, j * 8 * bytes + i)) throw new Error(`row ${i}, column ${j} of ${bytes} bytes`)
  }
})

test('XOR kernels', () => {
  const k = kernels()
  const [a, b, c] = [random(64), random(64), random(64)]
  k.work(() => {
    const [x, y, z] = [k.put(a), k.put(b), k.put(c)]
    const out = k.take(64)
    k.xor3(out, x, y, z, 64)
    expect(k.copy(out, 64)).toEqual(a.map((byte, i) => byte ^ (b[i] as number) ^ (c[i] as number)))
    k.xorWhere(x, y, 64, 0)
    expect(k.copy(x, 64)).toEqual(a)
    k.xorWhere(x, y, 64, 1)
    expect(k.copy(x, 64)).toEqual(a.map((byte, i) => byte ^ (b[i] as number)))
    k.xorInto(x, y, 64)
    expect(k.copy(x, 64)).toEqual(a)
  })
})

test('the hash of rows is p(x ^ t) ^ x ^ t with one key for four calls of 4096 blocks', () => {
  const k = kernels()
  const count = 4096 * 5
  const [rows, offset, nonce] = [random(count * 16), random(16), random(32)]
  const hashes = k.work(() => {
    const to = k.take(count * 16)
    hashRows(k, nonce, 1, k.put(rows), k.put(offset), to, count, 77, 3)
    return k.copy(to, count * 16)
  })
  for (const i of [0, 1, 4095, 4096, 16_383, 16_384, count - 1]) {
    const x = rows.slice(i * 16, i * 16 + 16).map((byte, j) => byte ^ (offset[j] as number))
    const words = new BigUint64Array(x.buffer)
    words[0] = (words[0] as bigint) ^ BigInt(77 + i)
    words[1] = (words[1] as bigint) ^ 3n
    const key = batchKey(nonce, 1, 3, 77 + (i < 16_384 ? 0 : 16_384))
    const p = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(x)
    expect(hashes.slice(i * 16, i * 16 + 16)).toEqual(x.map((byte, j) => byte ^ (p[j] as number)))
  }
})

test('lowest bits of blocks', () => {
  const k = kernels()
  const blocks = random(64 * 16)
  const bits = k.work(() => {
    const to = k.take(8)
    k.lowBits(k.put(blocks), to, 64)
    return k.copy(to, 8)
  })
  for (let i = 0; i < 64; i++) expect(bit(bits, i)).toBe((blocks[i * 16] as number) & 1)
})

test('correlated transfers: shares of sender and receiver add up to products, both strides, signed and not', () => {
  const k = kernels()
  const [outer, inner] = [3, 5]
  for (const { width, signed } of [
    { width: 1, signed: 0 },
    { width: 13, signed: 1 },
    { width: 64, signed: 0 },
  ]) {
    const count = outer * inner * width
    const [h0, h1, choices, m] = [random(16 * count), random(16 * count), random(Math.ceil(count / 8)), randomWords(outer)]
    // the receiver's hash is the one that its bit chose
    const h = h0.slice()
    for (let i = 0; i < count; i++) if (bit(choices, i) === 1) h.set(h1.subarray(i * 16, i * 16 + 16), i * 16)
    const total = k.work(() => {
      const [sent, received, corrections] = [k.put(new BigUint64Array(inner)), k.put(new BigUint64Array(inner)), k.take(8 * count)]
      k.correlateSend(k.put(h0), k.put(h1), outer, inner, width, signed, k.put(m), 1, 0, sent, 0, 1, corrections)
      k.correlateReceive(k.put(h), k.put(choices), outer, inner, width, received, 0, 1, corrections)
      const [s, r] = [k.words(sent, inner), k.words(received, inner)]
      return Array.from(s, (value, i) => mod(value + (r[i] as bigint)))
    })
    const expected = Array.from({ length: inner }, (_, i) => {
      let sum = 0n
      for (let j = 0; j < outer; j++) {
        let x = 0n
        for (let b = 0; b < width; b++)
          if (bit(choices, (j * inner + i) * width + b) === 1) x += signed === 1 && b === width - 1 ? -(1n << BigInt(b)) : 1n << BigInt(b)
        sum += x * (m[j] as bigint)
      }
      return mod(sum)
    })
    expect(total).toEqual(expected)
  }
})

test('XOR shares of bits become additive shares of words', () => {
  const k = kernels()
  const [count, width] = [7, 11]
  const transfers = count * width
  const [h0, h1, choices, x] = [random(16 * transfers), random(16 * transfers), random(Math.ceil(transfers / 8)), randomWords(count)]
  const h = h0.slice()
  for (let i = 0; i < transfers; i++) if (bit(choices, i) === 1) h.set(h1.subarray(i * 16, i * 16 + 16), i * 16)
  const total = k.work(() => {
    const [sent, received, corrections] = [k.put(new BigUint64Array(count)), k.put(new BigUint64Array(count)), k.take(8 * transfers)]
    k.bitsSend(k.put(h0), k.put(h1), count, width, k.put(x), sent, corrections)
    k.correlateReceive(k.put(h), k.put(choices), 1, count, width, received, 0, 1, corrections)
    const [s, r] = [k.words(sent, count), k.words(received, count)]
    return Array.from(s, (value, i) => mod(value + (r[i] as bigint)))
  })
  expect(total).toEqual(
    Array.from(x, (word, i) => {
      let value = 0n
      for (let b = 0; b < width; b++) value += (((word >> BigInt(b)) & 1n) ^ BigInt(bit(choices, i * width + b))) << BigInt(b)
      return value
    }),
  )
})

test('products over Z/2^64, of vectors and of matrices of every remainder', () => {
  const k = kernels()
  for (const [n, inner, m] of [
    [1, 1, 1],
    [2, 3, 4],
    [3, 5, 7],
    [5, 2, 9],
    [8, 8, 8],
  ] as const) {
    const [a, b, c] = [randomWords(n * inner), randomWords(inner * m), randomWords(n * m)]
    const out = k.work(() => {
      const to = k.put(c)
      k.matrixMultiply(k.put(a), k.put(b), to, n, inner, m)
      return k.words(to, n * m)
    })
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++) {
        let sum = c[i * m + j] as bigint
        for (let p = 0; p < inner; p++) sum += (a[i * inner + p] as bigint) * (b[p * m + j] as bigint)
        expect(out[i * m + j]).toBe(mod(sum))
      }
  }
  const [a, b, c] = [randomWords(9), randomWords(9), randomWords(9)]
  const out = k.work(() => {
    const to = k.put(c)
    k.multiplyAdd(to, k.put(a), k.put(b), 9)
    return k.words(to, 9)
  })
  expect([...out]).toEqual(Array.from(c, (value, i) => mod(value + (a[i] as bigint) * (b[i] as bigint))))
})
