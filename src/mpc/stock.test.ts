import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryChannels } from '../base/index.ts'
import { integers, words } from './arithmetic/words.ts'
import { multiplier } from './circuits/integers.ts'
import { runSecurely } from './engines/aby.ts'
import { costOf } from './engines/cost.ts'
import { defaultPools, type SecureProgram, type Shared } from './secure.ts'
import { folderStock, makeStock, type Stock } from './stock.ts'

const folder = (): string => join(mkdtempSync(join(tmpdir(), 'yimeng-stock-')), 'with-peer')

// a product over Z/2^64, and one by bits
const program: SecureProgram<readonly bigint[], readonly bigint[]> = async (engine, values) => {
  const held = engine.held('guest', () => words(values))
  const square = await engine.open(await engine.multiply(engine.share(held, 3), engine.share(held, 3)))
  const bits = engine.shareBits(held, 3, 16)
  const [product] = await engine.circuit(multiplier(16, 'shallow'), [bits, bits])
  return [...integers(square), ...integers(await engine.open(product as Shared<'boolean'>))]
}

const both = async (stocks: readonly [Stock, Stock]) => {
  const [a, b] = memoryChannels()
  const run = { program: 'squares', timeoutMs: 20_000 }
  return Promise.all([
    runSecurely(a, 'guest', { ...run, stock: stocks[0] }, program, [3n, 5n, 7n]),
    runSecurely(b, 'host', { ...run, stock: stocks[1] }, program, []),
  ])
}

const make = async (stocks: readonly [Stock, Stock], products = 10, bitGates = 20_000): Promise<readonly string[]> => {
  const [a, b] = memoryChannels()
  return Promise.all([makeStock(a, 'guest', { products, bitGates }, stocks[0]), makeStock(b, 'host', { products, bitGates }, stocks[1])])
}

const expected = [9n, 25n, 49n, 9n, 25n, 49n]

test('what was made ahead is used once, costs nothing online, and is not needed', async () => {
  const folders = [folder(), folder()] as const
  const stocks = [folderStock(folders[0]), folderStock(folders[1])] as const
  const [name, same] = await make(stocks)
  expect(name).toBe(same)
  expect(await stocks[0].names()).toEqual([name])
  expect(statSync(join(folders[0], `${name}.stock`)).mode & 0o077).toBe(0)
  const [first, other] = await both(stocks)
  expect(first.result).toEqual(expected)
  expect([readdirSync(folders[0]), readdirSync(folders[1])]).toEqual([[], []])
  const cost = await costOf(program, [], defaultPools, { products: 10, bitGates: 20_000 })
  expect({ guest: first.traffic, host: other.traffic }).toEqual({ guest: cost.guest, host: cost.host })
  // the second run finds none and makes its own
  const [second] = await both(stocks)
  expect(second.result).toEqual(expected)
  expect(second.traffic.sent).toBeGreaterThan(20 * first.traffic.sent)
})

test('sides that have different stocks agree on a common one', async () => {
  const stocks = [folderStock(folder()), folderStock(folder())] as const
  const [lost = ''] = await make(stocks)
  const [kept] = await make(stocks)
  await stocks[0].take(lost)
  const [{ result }] = await both(stocks)
  expect(result).toEqual(expected)
  expect(await stocks[0].names()).toEqual([])
  expect(await stocks[1].names()).toEqual([lost])
  expect(kept).not.toBe(lost)
})

test('taken twice, cut, or beyond the bound: refused', async () => {
  const path = folder()
  const stocks = [folderStock(path), folderStock(folder())] as const
  const [name = ''] = await make(stocks)
  const file = join(path, `${name}.stock`)
  writeFileSync(file, readFileSync(file).subarray(0, -1))
  await expect(stocks[0].take(name)).rejects.toMatchObject({ code: 'mpc-stock-broken' })
  await expect(stocks[0].take(name)).rejects.toMatchObject({ code: 'mpc-stock-used' })
  const tight = [folderStock(folder(), 1000), folderStock(folder(), 1_000_000)] as const
  const outcomes = await Promise.allSettled([make(tight)])
  expect(outcomes[0]?.status === 'rejected' ? (outcomes[0].reason as { readonly code: string }).code : '').toBe('mpc-stock-full')
})
