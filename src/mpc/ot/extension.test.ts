import { createCipheriv, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { csprng, memoryChannels } from '../../base/index.ts'
import { runSecurely } from '../engines/aby.ts'
import { costOf } from '../engines/cost.ts'
import { engineLaws } from '../engines/engine.suite.ts'
import { kernels } from '../kernels/kernels.ts'
import { defaultPools } from '../secure.ts'
import { KAPPA } from './base-ot.ts'
import { multiplyBlocks } from './consistency.ts'
import { columnBytes, type Extension, otReceiver, otSender, randomDelta, transfersFor } from './extension.ts'
import { allLeaves, puncturedLeaves, treeBytes } from './leaves.ts'

const extensions: readonly Extension[] = [{ depth: 1 }, { depth: 2 }, { depth: 4 }, { depth: 1, checked: true }]
const nonce = new Uint8Array(32).fill(7)
const bit = (bytes: Uint8Array, i: number): number => ((bytes[i >> 3] as number) >> (i & 7)) & 1

/** Both ends, with base transfers played by one hand. */
const ends = (extension: Extension) => {
  const rng = csprng()
  const pairs = Array.from({ length: KAPPA }, () => [new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(16))] as const)
  const delta = randomDelta(rng)
  const chosen = pairs.map((pair, j) => pair[(1 - bit(delta, j)) as 0 | 1])
  const { leaves, message } = allLeaves(pairs, extension.depth)
  expect(message).toHaveLength(treeBytes(extension.depth))
  const punctured = puncturedLeaves(chosen, delta, extension.depth, message)
  return {
    delta,
    leaves,
    punctured,
    sender: otSender({ extension, nonce }, delta, punctured),
    receiver: otReceiver({ extension, nonce }, rng, leaves),
  }
}

const count = 300
const all = transfersFor(count) * 16
const k = kernels()

test.each(extensions)('rows differ by delta where the choice is 1: %o', (extension) => {
  const { delta, sender, receiver } = ends(extension)
  for (let step = 0; step < 2; step++) {
    const choices = new Uint8Array(randomBytes(Math.ceil(count / 8)))
    const { columns, result } = receiver.extend(k, count, choices, (rows, first) => ({ first, rows: k.copy(rows, all) }))
    expect(columns).toHaveLength(columnBytes(extension, count))
    const rows = sender.extend(k, count, columns, (at, first) => {
      expect(first).toBe(result.first)
      return k.copy(at, all)
    })
    for (let i = 0; i < count; i++)
      for (let j = 0; j < 16; j++)
        expect((rows[16 * i + j] as number) ^ (result.rows[16 * i + j] as number)).toBe((delta[j] as number) * bit(choices, i))
  }
})

test('trees: the sender knows every leaf but the one that delta names', () => {
  for (const depth of [1, 2, 4] as const) {
    const { delta, leaves, punctured } = ends({ depth })
    leaves.forEach((tree, t) => {
      let missing = 0
      for (let b = 0; b < depth; b++) missing |= bit(delta, t * depth + b) << b
      tree.forEach((leaf, x) => expect(punctured[t]?.[x ^ missing]).toEqual(x === missing ? new Uint8Array(0) : leaf))
    })
  }
})

test('sixteen, eight and four bytes a transfer', () => {
  expect([1, 2, 4].map((depth) => columnBytes({ depth: depth as 1 | 2 | 4 }, 1 << 16) / (1 << 16))).toEqual([16, 8, 4])
  // spare transfers and a proof: less than half a per cent
  expect(columnBytes({ depth: 1, checked: true }, 1 << 16) / columnBytes({ depth: 1 }, 1 << 16)).toBeLessThan(1.005)
})

test('products in GF(2^128) are those of GCM', () => {
  const one = new Uint8Array(16)
  one[0] = 0x80
  for (let i = 0; i < 20; i++) {
    const [key, a, b] = [randomBytes(16), new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(16))]
    expect(multiplyBlocks(a, one)).toEqual(a)
    expect(multiplyBlocks(a, b)).toEqual(multiplyBlocks(b, a))
    const tag = (block: Uint8Array): Uint8Array => {
      const cipher = createCipheriv('aes-128-gcm', key, new Uint8Array(12))
      cipher.setAAD(block)
      cipher.final()
      return cipher.getAuthTag()
    }
    const h = new Uint8Array(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(new Uint8Array(16)))
    // GHASH of one block and the lengths: (block h + lengths) h
    expect(tag(a).map((byte, j) => byte ^ (tag(new Uint8Array(16))[j] as number))).toEqual(
      Buffer.from(multiplyBlocks(multiplyBlocks(a, h), h)),
    )
  }
})

/** A receiver that uses another choice for its first transfer in some columns, to learn bits of delta; it proves what it can. */
const cheat = (extension: Extension, columnsToSpoil: readonly number[]) => {
  const { delta, sender, receiver } = ends(extension)
  const { columns, result: known } = receiver.extend(k, count, new Uint8Array(38), (rows) => k.copy(rows, 16))
  const stride = (columns.length - (extension.checked === true ? 32 : 0)) / (KAPPA / extension.depth)
  for (const column of columnsToSpoil) columns[column * stride] = (columns[column * stride] as number) ^ 1
  return { delta, known, accept: () => sender.extend(k, count, columns, (rows) => k.copy(rows, all)) }
}

test('a receiver that uses two choices in one transfer is caught where columns are checked, and not where they are not', () => {
  const half = Array.from({ length: 64 }, (_, j) => 2 * j)
  // the proof does not fit even where delta is 0 in all these columns, because the challenge comes from the columns
  expect(() => cheat({ depth: 1, checked: true }, half).accept()).toThrow(/one choice for each row/)
  // the broken twin: without the check the sender goes on, and its first row differs from the known one by the bits of delta in the spoilt columns
  const { delta, known, accept } = cheat({ depth: 1 }, half)
  expect(accept().slice(0, 16)).toEqual(known.map((byte, j) => byte ^ ((delta[j] as number) & 0x55)))
})

test('a proof for other columns, other rows or a changed proof is refused', () => {
  const extension = { depth: 1, checked: true } as const
  for (const spoil of [0, -1, -20]) {
    const { sender, receiver } = ends(extension)
    const { columns } = receiver.extend(k, count, new Uint8Array(38).fill(0xa5), () => undefined)
    const at = spoil < 0 ? columns.length + spoil : spoil
    columns[at] = (columns[at] as number) ^ 4
    expect(() => sender.extend(k, count, columns, () => undefined)).toThrow(/accept transfers/)
  }
})

test.each(extensions)('whole programs run on it, and cost what the cost engine says: %o', async (extension) => {
  const name = 'conversions keep values'
  await engineLaws[name]?.(async (program, input) => {
    const [a, b] = memoryChannels()
    const run = { program: name, extension }
    const [guest, host] = await Promise.all([runSecurely(a, 'guest', run, program, input), runSecurely(b, 'host', run, program, input)])
    const cost = await costOf(program, input, defaultPools, undefined, extension)
    expect({ guest: guest.traffic, host: host.traffic }).toEqual({ guest: cost.guest, host: cost.host })
    return guest.result
  })
})

test('sides that mean different extensions do not start', async () => {
  const [a, b] = memoryChannels()
  const outcomes = await Promise.allSettled([
    runSecurely(a, 'guest', { program: 'same', extension: { depth: 1 } }, async () => 1, 0),
    runSecurely(b, 'host', { program: 'same', extension: { depth: 1, checked: true } }, async () => 1, 0),
  ])
  expect(outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { readonly code: string }).code : ''))).toEqual([
    'mpc-program',
    'mpc-program',
  ])
})
