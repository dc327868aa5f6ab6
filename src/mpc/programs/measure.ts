// How fast this machine is at secure computation: kernels in this process, protocols with a peer over a real channel, with the bytes and rounds beside. Values are random; nothing
// secret is involved. One core per party: a party's rate is also what its peer reaches at the same time.
import { type Channel, monotonicMs } from '../../base/index.ts'
import { makeTriples } from '../arithmetic/gilboa.ts'
import { type Words, wordsOfBytes } from '../arithmetic/words.ts'
import { makeBitTriples } from '../boolean/triples.ts'
import { adder, lessThanCircuit, multiplier } from '../circuits/integers.ts'
import { abyEngine, type SecureOutcome } from '../engines/aby.ts'
import { kernels } from '../kernels/kernels.ts'
import { type Extension, OT_BATCH } from '../ot/extension.ts'
import type { Party } from '../party.ts'
import type { Shared } from '../secure.ts'
import { openSession, type Session } from '../session.ts'
import { evaluate, garble, gateHash, rowsPerBlock } from '../yao/half-gates.ts'

/** One line of the table. */
export interface Measurement {
  readonly name: string
  /** How many of `unit` were done. */
  readonly count: number
  readonly unit: string
  readonly ms: number
  /** Processor time of this party, its share of TLS included. On a busy machine it says more than `ms`. */
  readonly cpuMs: number
  /** Sent by this party, headers included; absent for kernels. */
  readonly bytes?: number
  readonly rounds?: number
}

interface Amount {
  readonly count: number
  readonly unit: string
}

const randomWords = (session: Session, count: number): Words => {
  const bytes = new Uint8Array(8 * count)
  session.rng.fill(bytes)
  return wordsOfBytes(bytes)
}

const processorMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

/** A kernel, repeated for about `seconds` after one run to warm up. */
const kernelRate = (name: string, { count, unit }: Amount, seconds: number, run: () => void): Measurement => {
  run()
  const start = monotonicMs()
  const used = process.cpuUsage()
  let times = 0
  while (times === 0 || monotonicMs() - start < seconds * 1000) {
    run()
    times += 1
  }
  const ms = (monotonicMs() - start) / times
  return { name, count, unit, ms, cpuMs: processorMs(used) / times }
}

const garbling = (session: Session, seconds: number): readonly Measurement[] => {
  const k = kernels()
  const circuit = lessThanCircuit(32, 'small', false)
  const rows = rowsPerBlock(circuit, 1000)
  const inputs = new Uint8Array(64 * rows * 16)
  const delta = new Uint8Array(16)
  session.rng.fill(inputs)
  session.rng.fill(delta)
  const hash = gateHash(session.nonce)
  const amount = { count: circuit.ands * rows, unit: 'AND gates' }
  const { tables } = garble(k, circuit, rows, hash, delta, inputs)
  return [
    kernelRate('garble 32-bit comparisons (kernel)', amount, seconds, () => garble(k, circuit, rows, hash, delta, inputs)),
    kernelRate('evaluate 32-bit comparisons (kernel)', amount, seconds, () => evaluate(k, circuit, rows, hash, inputs, tables)),
  ]
}

const matrixProduct = (session: Session, seconds: number): Measurement => {
  const k = kernels()
  const n = 512
  const [a, b, c] = [k.put(randomWords(session, n * n)), k.put(randomWords(session, n * n)), k.put(new BigUint64Array(n * n))]
  return kernelRate('product of 512 x 512 matrices over Z/2^64 (kernel)', { count: 1, unit: 'products' }, seconds, () =>
    k.matrixMultiply(a, b, c, n, n, n),
  )
}

/** Notes what `run` takes, both sides waiting for each other before and after, so that one's work is not counted as the other's. */
type Protocol = (name: string, amount: Amount, run: () => Promise<unknown>) => Promise<void>

const protocolOn =
  ({ wire }: Session, list: Measurement[]): Protocol =>
  async (name, { count, unit }, run) => {
    await wire.exchange('ready', new Uint8Array(0))
    const before = wire.traffic()
    const from = monotonicMs()
    const used = process.cpuUsage()
    await run()
    await wire.exchange('measured', new Uint8Array(0))
    const ms = monotonicMs() - from
    const cpuMs = processorMs(used)
    const after = wire.traffic()
    list.push({ name, count, unit, ms, cpuMs, bytes: after.sent - before.sent, rounds: after.rounds - before.rounds })
  }

const extensions: readonly (readonly [string, Extension])[] = [
  ['trees of depth 1 (IKNP)', { depth: 1 }],
  ['trees of depth 2 (SoftSpoken)', { depth: 2 }],
  ['trees of depth 4 (SoftSpoken)', { depth: 4 }],
  ['trees of depth 1, checked', { depth: 1, checked: true }],
]

/** Every extension in a session of its own. */
const transfers = async (channel: Channel, me: Party, list: Measurement[]): Promise<void> => {
  for (const [name, extension] of extensions) {
    const session = await openSession(channel, me, 'measure transfers', undefined, extension)
    try {
      // the first run compiles
      await makeBitTriples(session, OT_BATCH)
      const each = 16 * OT_BATCH
      await protocolOn(session, list)(
        `random transfers, one each way per bit triple: ${name}`,
        { count: 2 * each, unit: 'transfers' },
        () => makeBitTriples(session, each),
      )
      await session.wire.flush()
    } catch (cause) {
      await session.wire.stop('mpc-fault')
      throw cause
    }
  }
}

/** All measurements of one party; the peer runs the same. `seconds` is the time for each kernel. */
export const measure = async (
  channel: Channel,
  me: Party,
  { seconds }: { readonly seconds: number },
): Promise<SecureOutcome<readonly Measurement[]>> => {
  const start = monotonicMs()
  const startUsed = process.cpuUsage()
  const session = await openSession(channel, me, 'measure')
  const { wire } = session
  const list: Measurement[] = []
  const protocol = protocolOn(session, list)
  try {
    await session.both()
    list.push({
      name: 'greeting and 2 x 128 base transfers',
      count: 1,
      unit: 'sessions',
      ms: monotonicMs() - start,
      cpuMs: processorMs(startUsed),
      bytes: wire.traffic().sent,
      rounds: wire.traffic().rounds,
    })
    // one side at a time: two threads of one core would share it
    if (me === 'guest') list.push(...garbling(session, seconds), matrixProduct(session, seconds))
    await wire.exchange('kernels measured', new Uint8Array(0))

    await makeTriples(session, 1024)
    await protocol('product triples over Z/2^64', { count: 16_384, unit: 'triples' }, () => makeTriples(session, 16_384))

    const engine = abyEngine(session, { products: 7 * 100, bitGates: 1 << 16 })
    const rows = 20_000
    const [x, y] = [0, 1].map(() =>
      engine.shareBits(
        engine.held('guest', () => randomWords(session, rows)),
        rows,
        32,
      ),
    ) as [Shared<'boolean'>, Shared<'boolean'>]
    const less = lessThanCircuit(32, 'shallow', false)
    await protocol('AND gates by XOR shares, made ahead and used', { count: less.ands * rows, unit: 'AND gates' }, () =>
      engine.circuit(less, [x, y]),
    )

    const seven = engine.held('guest', () => BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n, 7n))
    for (const rounds of [1, 10, 100]) {
      await protocol(`${rounds} x 7 products one after the other, arithmetic shares`, { count: rounds * 7, unit: 'products' }, async () => {
        let product = engine.share(seven, 7)
        const factor = engine.share(seven, 7)
        for (let i = 0; i < rounds; i++) product = await engine.multiply(product, factor)
        await engine.open(product)
      })
      await protocol(`${rounds} x 7 products one after the other, 64-bit XOR shares`, { count: rounds * 7, unit: 'products' }, async () => {
        let product = engine.shareBits(seven, 7, 64)
        const factor = engine.shareBits(seven, 7, 64)
        for (let i = 0; i < rounds; i++)
          product = (await engine.circuit(multiplier(64, 'shallow'), [product, factor]))[0] as Shared<'boolean'>
        await engine.open(product)
      })
    }

    const two = 2000
    const words = engine.held('guest', () => randomWords(session, two))
    const arithmetic = engine.share(words, two)
    const boolean = engine.shareBits(words, two, 64)
    const yao = await engine.shareLabels(words, two, 64)
    await engine.toYao(engine.slice(arithmetic, 0, 10))
    const amount = { count: two, unit: 'integers of 64 bits' }
    await protocol('arithmetic to Yao', amount, () => engine.toYao(arithmetic))
    await protocol('arithmetic to Boolean', amount, () => engine.toBoolean(arithmetic))
    await protocol('Boolean to arithmetic', amount, () => engine.toArithmetic(boolean))
    await protocol('Boolean to Yao', amount, () => engine.toYao(boolean))
    await protocol('Yao to Boolean', amount, () => engine.toBoolean(yao))
    await protocol('Yao to arithmetic', amount, () => engine.toArithmetic(yao))
    await protocol('64-bit additions, garbled', { count: adder(64, 'small').ands * two, unit: 'AND gates' }, () =>
      engine.circuit(adder(64, 'small'), [yao, yao]),
    )
    await wire.exchange('done', new Uint8Array(0))
    await wire.flush()
    await transfers(channel, me, list)
    return { result: list, traffic: wire.traffic() }
  } catch (cause) {
    await wire.stop('mpc-fault')
    throw cause
  }
}
