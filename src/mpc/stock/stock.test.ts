import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryChannels } from '../../base/index.ts'
import { integers, words } from '../arithmetic/words.ts'
import { multiplier } from '../circuits/integers.ts'
import { runSecurely } from '../engines/aby.ts'
import { costOf } from '../engines/cost.ts'
import { lessThan } from '../operations.ts'
import { defaultPools, type SecureProgram, type Shared } from '../secure.ts'
import { dealInWorker } from './dealer.ts'
import { folderStock, type Stock } from './folder-stock.ts'
import { makeStock } from './make-stock.ts'
import type { StockAmounts } from './randomness.ts'

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

const make = async (
  stocks: readonly [Stock, Stock],
  amounts: StockAmounts = { products: 10, bitGates: 20_000 },
): Promise<readonly string[]> => {
  const [a, b] = memoryChannels()
  const made = await Promise.all([makeStock(a, 'guest', amounts, stocks[0]), makeStock(b, 'host', amounts, stocks[1])])
  return made.map(({ name }) => name)
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
  // the side that had room keeps no half without its other half
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await tight[1].names()).toEqual([])
  expect(outcomes[0]?.status === 'rejected' ? (outcomes[0].reason as { readonly code: string }).code : '').toBe('mpc-stock-full')
})

// comparisons of converted shares: inputs that nobody knew when the circuits were garbled
const comparisons: SecureProgram<{ readonly guest?: readonly bigint[]; readonly host?: readonly bigint[] }, readonly bigint[]> = async (
  engine,
  input,
) => {
  const x = engine.share(
    engine.held('guest', () => words(input.guest ?? [])),
    rows,
  )
  const y = engine.share(
    engine.held('host', () => words(input.host ?? [])),
    rows,
  )
  const first = await lessThan(engine, await engine.toYao(x), await engine.toYao(y), { signed: true })
  // not garbled ahead: with an offset that was
  const second = await lessThan(engine, await engine.toYao(y, 40), await engine.toYao(x, 40), { signed: true })
  return [...(await engine.open(first)), ...(await engine.open(second))]
}
const rows = 700

test('circuits garbled ahead give the same, cost what the cost engine says, and their tables do not travel again', async () => {
  const { ahead } = await costOf(comparisons, {})
  expect(ahead.garbled).toHaveLength(6)
  const planned = { ...ahead, garbled: (ahead.garbled ?? []).slice(0, 3) }
  const stocks = [folderStock(folder()), folderStock(folder())] as const
  await make(stocks, planned)
  const [a, b] = memoryChannels()
  const guest = Array.from({ length: rows }, (_, i) => BigInt((i * 37) % 101) - 50n)
  const host = Array.from({ length: rows }, (_, i) => BigInt((i * 53) % 97) - 48n)
  const run = { program: 'comparisons' }
  const [mine, theirs] = await Promise.all([
    runSecurely(a, 'guest', { ...run, stock: stocks[0] }, comparisons, { guest }),
    runSecurely(b, 'host', { ...run, stock: stocks[1] }, comparisons, { host }),
  ])
  const pairs = guest.map((x, i) => [x, host[i] as bigint] as const)
  expect(mine.result).toEqual([...pairs.map(([x, y]) => BigInt(x < y)), ...pairs.map(([x, y]) => BigInt(y < x))])
  const cost = await costOf(comparisons, {}, defaultPools, planned)
  expect({ guest: mine.traffic, host: theirs.traffic }).toEqual({ guest: cost.guest, host: cost.host })
})

test('a stock is made in worker threads while this one goes on', { timeout: 180_000 }, async () => {
  const folders = [folder(), folder()] as const
  const [a, b] = memoryChannels()
  const { ahead } = await costOf(comparisons, {})
  let turns = 0
  const ticking = setInterval(() => (turns += 1), 1)
  const made = await Promise.all([
    dealInWorker(a, { me: 'guest', amounts: { ...ahead, products: 300 }, folder: folders[0] }),
    dealInWorker(b, { me: 'host', amounts: { ...ahead, products: 300 }, folder: folders[1] }),
  ])
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(3)
  expect(await Promise.all(folders.map((path) => folderStock(path).names()))).toEqual([[made[0].name], [made[0].name]])
  // the channel is free again
  const [mine] = await Promise.all([
    runSecurely(a, 'guest', { program: 'squares', stock: folderStock(folders[0]) }, program, [3n, 5n, 7n]),
    runSecurely(b, 'host', { program: 'squares', stock: folderStock(folders[1]) }, program, []),
  ])
  expect(mine.result).toEqual(expected)
  const [c, d] = memoryChannels()
  await d.close()
  await expect(dealInWorker(c, { me: 'guest', amounts: ahead, folder: folders[0] })).rejects.toMatchObject({ code: 'mpc-peer-lost' })
})

test('a process that is killed while it uses a stock never uses it again', async () => {
  const path = folder()
  const stocks = [folderStock(path), folderStock(folder())] as const
  const [name = ''] = await make(stocks)
  // takes the stock, says so, and hangs
  const source = `import { folderStock } from ${JSON.stringify(new URL('./folder-stock.ts', import.meta.url).href)}
await folderStock(${JSON.stringify(path)}).take(${JSON.stringify(name)})
process.stdout.write('taken')
setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
  expect(await stocks[0].names()).toEqual([])
  await expect(stocks[0].take(name)).rejects.toMatchObject({ code: 'mpc-stock-used' })
  expect((await both(stocks))[0].result).toEqual(expected)
})

test('what a crash in the middle of taking or writing left is never read and goes after an hour', async () => {
  const path = folder()
  const stocks = [folderStock(path), folderStock(folder())] as const
  const [name = ''] = await make(stocks)
  const whole = readFileSync(join(path, `${name}.stock`))
  const left = [`${'a'.repeat(32)}.stock.taken`, `${'b'.repeat(32)}.stock.part`, `${'c'.repeat(32)}.stock.part`]
  for (const file of left) writeFileSync(join(path, file), whole)
  for (const file of left.slice(0, 2)) utimesSync(join(path, file), 0, 0)
  expect(await stocks[0].names()).toEqual([name])
  const [second] = await make(stocks)
  expect(new Set(readdirSync(path))).toEqual(new Set([`${name}.stock`, `${second}.stock`, left[2]]))
  // the rename of a take was lost with the power, the emptying was not
  writeFileSync(join(path, `${name}.stock`), '')
  await expect(stocks[0].take(name)).rejects.toMatchObject({ code: 'mpc-stock-broken' })
})
