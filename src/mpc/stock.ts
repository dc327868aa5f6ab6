// Randomness made ahead and kept on disk: the offline half of a computation. Two parties make correlated triples in one session and each keeps its own half under a common name; a later
// session agrees on a name and takes it out. Every stock is used once: it leaves the folder before anything is computed with it. Adversary: semi-honest; whoever reads the folder can
// read what is computed with what lies there, so files are for their owner only. What leaks to the peer: names and sizes of stocks.
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Channel, concatBytes, equalBytes, fromHex, toHex, YimengError } from '../base/index.ts'
import { makeTriples, type Triples } from './arithmetic/gilboa.ts'
import { bytesOfWords, wordsOfBytes } from './arithmetic/words.ts'
import { type BitTriples, makeBitTriples } from './boolean/triples.ts'
import type { Party } from './party.ts'
import { openSession, type Session } from './session.ts'
import type { TrafficCount } from './traffic.ts'

/** One party's half. */
export interface Randomness {
  readonly products: Triples
  readonly bits: BitTriples
}

/** How much to make: products over Z/2^64, and AND gates times rows. */
export interface StockAmounts {
  readonly products: number
  readonly bitGates: number
}

/** A place for halves, of sessions with one peer. */
export interface Stock {
  /** Names, oldest first: 32 hexadecimal digits. */
  readonly names: () => Promise<readonly string[]>
  /** @throws YimengError `mpc-stock-full` beyond the bound. */
  readonly put: (name: string, randomness: Randomness) => Promise<void>
  /** Takes it out for good. @throws YimengError `mpc-stock-used` when it is not there any more, `mpc-stock-broken` for a file that was cut or changed. */
  readonly take: (name: string) => Promise<Randomness>
}

const HEADER = 16
const SUM_BYTES = 16
const MAGIC = 0x52544d59
const NAME_BYTES = 16
/** Names that are offered in one session. */
const OFFERED = 16

const checksum = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest().subarray(0, SUM_BYTES)

const encode = ({ products, bits }: Randomness): Uint8Array => {
  const header = new Uint8Array(HEADER)
  const view = new DataView(header.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, 1, true)
  view.setUint32(8, products.a.length, true)
  view.setUint32(12, bits.a.length, true)
  const body = concatBytes(header, bytesOfWords(products.a), bytesOfWords(products.b), bytesOfWords(products.c), bits.a, bits.b, bits.c)
  return concatBytes(body, checksum(body))
}

const decode = (bytes: Uint8Array, name: string): Randomness => {
  const broken = (): YimengError =>
    new YimengError({ code: 'mpc-stock-broken', cannot: 'use stock', expected: 'a whole file', got: 'another one', where: { stock: name } })
  const body = bytes.subarray(0, -SUM_BYTES)
  if (bytes.length < HEADER + SUM_BYTES || !equalBytes(checksum(body), bytes.subarray(-SUM_BYTES))) throw broken()
  const view = new DataView(body.buffer, body.byteOffset)
  const [words, bits] = [view.getUint32(8, true), view.getUint32(12, true)]
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== 1 || body.length !== HEADER + 24 * words + 3 * bits) throw broken()
  const word = (i: number): BigUint64Array => wordsOfBytes(body.subarray(HEADER + 8 * words * i, HEADER + 8 * words * (i + 1)))
  const bit = (i: number): Uint8Array => body.slice(HEADER + 24 * words + bits * i, HEADER + 24 * words + bits * (i + 1))
  return { products: { a: word(0), b: word(1), c: word(2) }, bits: { a: bit(0), b: bit(1), c: bit(2) } }
}

/** Halves in a folder of their owner, at most `maxBytes` in all. One folder for each peer and role. */
export const folderStock = (folder: string, maxBytes = 2 ** 30): Stock => {
  const path = (name: string): string => join(folder, `${name}.stock`)
  const files = async (): Promise<readonly { readonly name: string; readonly bytes: number; readonly made: number }[]> => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const found = (await readdir(folder)).filter((file) => /^[\da-f]{32}\.stock$/.test(file))
    const facts = await Promise.all(
      found.map(async (file) => {
        const { size, mtimeMs } = await stat(join(folder, file))
        return { name: file.slice(0, 32), bytes: size, made: mtimeMs }
      }),
    )
    return facts.toSorted((a, b) => a.made - b.made || (a.name < b.name ? -1 : 1))
  }
  return {
    names: async () => (await files()).map(({ name }) => name),
    put: async (name, randomness) => {
      const bytes = encode(randomness)
      const kept = (await files()).reduce((sum, file) => sum + file.bytes, 0)
      if (kept + bytes.length > maxBytes)
        throw new YimengError({
          code: 'mpc-stock-full',
          cannot: 'keep stock',
          expected: `at most ${maxBytes} bytes`,
          got: `${kept + bytes.length}`,
        })
      // whole or not at all
      await writeFile(`${path(name)}.part`, bytes, { mode: 0o600 })
      await rename(`${path(name)}.part`, path(name))
    },
    take: async (name) => {
      const taken = `${path(name)}.taken`
      try {
        // of two processes that want it, one succeeds
        await rename(path(name), taken)
      } catch (cause) {
        throw new YimengError({
          code: 'mpc-stock-used',
          cannot: 'use stock',
          expected: 'one that is still there',
          got: 'none',
          where: { stock: name },
          cause,
        })
      }
      const bytes = new Uint8Array(await readFile(taken))
      await rm(taken)
      return decode(bytes, name)
    },
  }
}

/** Makes a stock with the peer, over `channel`, and keeps my half. Gives its name. */
export const makeStock = async (
  channel: Channel,
  me: Party,
  { products, bitGates }: StockAmounts,
  stock: Stock,
  timeoutMs?: number,
): Promise<string> => {
  const session = await openSession(channel, me, `stock ${products} ${bitGates}`, timeoutMs)
  try {
    const made = { products: await makeTriples(session, products), bits: await makeBitTriples(session, Math.ceil(bitGates / 128) * 128) }
    const name = toHex(session.nonce.subarray(0, NAME_BYTES))
    await stock.put(name, made)
    // a half without its other half is never found again by name: no harm, but neither side reports success alone
    await session.wire.exchange('done', new Uint8Array(0))
    await session.wire.flush()
    return name
  } catch (cause) {
    await session.wire.stop(cause instanceof YimengError ? cause.code : 'mpc-fault')
    throw cause
  }
}

/** Agrees with the peer on a stock that both have and takes it; undefined when there is none. */
export const takeCommon = async ({ me, wire }: Session, stock: Stock): Promise<Randomness | undefined> => {
  const names = await stock.names()
  if (me === 'guest') {
    const offer = new Uint8Array(OFFERED * NAME_BYTES)
    names.slice(0, OFFERED).forEach((name, i) => offer.set(fromHex(name), i * NAME_BYTES))
    wire.send('stocks offered', offer)
    const [chosen = OFFERED] = await wire.receive('stock chosen', 1)
    const name = chosen < OFFERED ? names[chosen] : undefined
    return name === undefined ? undefined : stock.take(name)
  }
  const offer = await wire.receive('stocks offered', OFFERED * NAME_BYTES)
  const offered = Array.from({ length: OFFERED }, (_, i) => toHex(offer.subarray(i * NAME_BYTES, (i + 1) * NAME_BYTES)))
  const chosen = offered.findIndex((name) => names.includes(name))
  wire.send('stock chosen', Uint8Array.of(chosen < 0 ? OFFERED : chosen))
  return chosen < 0 ? undefined : stock.take(offered[chosen] as string)
}

/** What {@link takeCommon} sends. */
export const takeTraffic = (traffic: TrafficCount): void => {
  traffic.message('guest', OFFERED * NAME_BYTES)
  traffic.message('host', 1)
}
