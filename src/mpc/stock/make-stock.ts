// The offline half of a computation: two parties make randomness in one session and each keeps its own half under a common name; a later session agrees on a name and takes it out of
// the folder before anything is computed with it. Adversary: semi-honest. What leaks to the peer: names and amounts.
import { type Channel, fromHex, toHex, YimengError } from '../../base/index.ts'
import { makeTriples } from '../arithmetic/gilboa.ts'
import { makeBitTriples } from '../boolean/triples.ts'
import type { Party } from '../party.ts'
import { openSession, type Session } from '../session.ts'
import type { TrafficCount } from '../traffic.ts'
import { batchHash, circuitPrint, type GarbledAhead, type GarbledBatch } from '../yao/garbled-ahead.ts'
import { freshOffset, garbleAhead } from '../yao/labels.ts'
import type { WireTraffic } from '../wire.ts'
import type { Stock } from './folder-stock.ts'
import { noRandomness, type Randomness, type StockAmounts } from './randomness.ts'

const NAME_BYTES = 16
/** Names that are offered in one session. */
const OFFERED = 16

const garbleAll = async (session: Session, work: StockAmounts['garbled'] = []): Promise<GarbledAhead> => {
  if (work.length === 0) return noRandomness.garbled
  const delta = session.me === 'guest' ? freshOffset(session.rng) : new Uint8Array(0)
  const batches: GarbledBatch[] = []
  for (const [index, { circuit, rows }] of work.entries())
    batches.push(await garbleAhead(session, { hash: batchHash(session.nonce, index), delta }, circuit, rows))
  return { delta, nonce: session.nonce, batches }
}

/** A stock that was made. */
export interface MadeStock {
  readonly name: string
  readonly traffic: WireTraffic
}

/** Makes a stock with the peer, over `channel`, and keeps my half. */
export const makeStock = async (
  channel: Channel,
  me: Party,
  amounts: StockAmounts,
  stock: Stock,
  timeoutMs?: number,
): Promise<MadeStock> => {
  const { products, bitGates, garbled = [] } = amounts
  const plan = garbled.map(({ circuit, rows }) => `${circuitPrint(circuit)} ${rows}`).join(' ')
  const session = await openSession(channel, me, `stock ${products} ${bitGates} ${plan}`, timeoutMs)
  const name = toHex(session.nonce.subarray(0, NAME_BYTES))
  try {
    const made = {
      products: await makeTriples(session, products),
      bits: await makeBitTriples(session, Math.ceil(bitGates / 128) * 128),
      garbled: await garbleAll(session, garbled),
    }
    await stock.put(name, made)
    // neither side reports success alone
    await session.wire.exchange('done', new Uint8Array(0))
    await session.wire.flush()
    return { name, traffic: session.wire.traffic() }
  } catch (cause) {
    // a half whose other half may not be there is of no use
    await stock.take(name).catch(() => undefined)
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
  const name = offered[chosen]
  return name === undefined ? undefined : stock.take(name)
}

/** What {@link takeCommon} sends. */
export const takeTraffic = (traffic: TrafficCount): void => {
  traffic.message('guest', OFFERED * NAME_BYTES)
  traffic.message('host', 1)
}
