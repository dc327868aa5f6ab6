// How fast this machine is at secure computation: kernels in this process, protocols with a peer over a real channel, with the bytes and rounds beside; timing.ts says how each is timed.
// Values are random; nothing secret is involved. One core per party: a party's rate is also what its peer reaches at the same time.
import type { Channel } from '../../base/index.ts'
import { makeTriples } from '../arithmetic/gilboa.ts'
import { type Words, wordsOfBytes } from '../arithmetic/words.ts'
import { makeBitTriples } from '../boolean/triples.ts'
import { adder, lessThanCircuit, multiplier } from '../circuits/integers.ts'
import { abyEngine, type SecureOutcome } from '../engines/aby.ts'
import { kernels } from '../kernels/kernels.ts'
import { discard } from '../memory.ts'
import { type Extension, OT_BATCH } from '../ot/extension.ts'
import type { Party } from '../party.ts'
import type { Shared } from '../secure.ts'
import { openSession, type Session } from '../session.ts'
import { evaluate, garble, gateHash } from '../yao/half-gates.ts'
import { type Measurement, protocolTimer, timeKernel, type TimeProtocol } from './timing.ts'

const randomWords = (session: Session, count: number): Words => {
  const bytes = new Uint8Array(8 * count)
  session.rng.fill(bytes)
  return wordsOfBytes(bytes)
}

/** Rows garbled at once: 32-bit comparisons have one AND gate in each of 32 layers, so that this is the width. */
const WIDTH = 1000

const garbling = (session: Session, seconds: number): readonly Measurement[] => {
  const k = kernels()
  const circuit = lessThanCircuit(32, 'small', false)
  const inputs = new Uint8Array(64 * WIDTH * 16)
  const delta = new Uint8Array(16)
  session.rng.fill(inputs)
  session.rng.fill(delta)
  const hash = gateHash(session.nonce)
  const amount = { count: circuit.ands * WIDTH, unit: 'AND gates' }
  const { tables } = garble(k, circuit, WIDTH, hash, delta, inputs)
  return [
    timeKernel(`garble ${WIDTH} 32-bit comparisons (kernel)`, amount, seconds, () => {
      // as whoever sends them does
      discard(garble(k, circuit, WIDTH, hash, delta, inputs).tables)
    }),
    timeKernel(`evaluate ${WIDTH} 32-bit comparisons (kernel)`, amount, seconds, () => evaluate(k, circuit, WIDTH, hash, inputs, tables)),
  ]
}

const matrixProduct = (session: Session, seconds: number): Measurement => {
  const k = kernels()
  const n = 512
  const [a, b, c] = [k.put(randomWords(session, n * n)), k.put(randomWords(session, n * n)), k.put(new BigUint64Array(n * n))]
  return timeKernel('product of 512 x 512 matrices over Z/2^64 (kernel)', { count: 1, unit: 'products' }, seconds, () =>
    k.matrixMultiply(a, b, c, n, n, n),
  )
}

/** A session on a channel that carries one thing at a time. */
const within = async <T>(
  channel: Channel,
  me: Party,
  extension: Extension | undefined,
  task: (session: Session) => Promise<T>,
): Promise<T> => {
  const session = await openSession(channel, me, 'measure', undefined, extension)
  try {
    const result = await task(session)
    await session.wire.flush()
    return result
  } catch (cause) {
    await session.wire.stop('mpc-fault')
    throw cause
  }
}

const greetings = async (channel: Channel, me: Party, seconds: number, list: Measurement[]): Promise<void> =>
  within(channel, me, undefined, async ({ wire }) => {
    let sent = 0
    let rounds = 0
    const time = protocolTimer(me, wire, seconds, list, () => ({ sent, rounds }))
    await time('greeting and 2 x 128 base transfers', { count: 1, unit: 'sessions' }, () =>
      within(channel, me, undefined, async (session) => {
        await session.both()
        sent += session.wire.traffic().sent
        rounds += session.wire.traffic().rounds
      }),
    )
  })

// Boolean and arithmetic products one after the other, each line with all that it needs made within it
const chains = async (session: Session, time: TimeProtocol): Promise<void> => {
  const product = multiplier(64, 'shallow')
  const length = 7
  for (const rounds of [1, 10, 100]) {
    const amount = { count: rounds * length, unit: 'products' }
    await time(`${rounds} x ${length} products one after the other, arithmetic shares`, amount, async () => {
      const engine = abyEngine(session)
      await engine.prepare({ products: rounds * length })
      const seven = engine.held('guest', () => randomWords(session, length))
      let x = engine.share(seven, length)
      const factor = engine.share(seven, length)
      for (let i = 0; i < rounds; i++) x = await engine.multiply(x, factor)
      await engine.open(x)
    })
    await time(`${rounds} x ${length} products one after the other, 64-bit XOR shares`, amount, async () => {
      const engine = abyEngine(session)
      // rows come in eights
      await engine.prepare({ bitGates: rounds * product.ands * 8 })
      const seven = engine.held('guest', () => randomWords(session, length))
      let x = engine.shareBits(seven, length, 64)
      const factor = engine.shareBits(seven, length, 64)
      for (let i = 0; i < rounds; i++) x = (await engine.circuit(product, [x, factor]))[0] as Shared<'boolean'>
      await engine.open(x)
    })
  }
}

const conversions = async (session: Session, time: TimeProtocol): Promise<void> => {
  const engine = abyEngine(session)
  // the numbers that ABY's own figures are for
  const [few, many] = [2000, 5000]
  const sharesOf = async (count: number) => {
    const held = engine.held('guest', () => randomWords(session, count))
    return {
      arithmetic: engine.share(held, count),
      boolean: engine.shareBits(held, count, 64),
      yao: await engine.shareLabels(held, count, 64),
    }
  }
  const small = await sharesOf(few)
  const large = await sharesOf(many)
  const integers = (count: number) => ({ count, unit: 'integers of 64 bits' })
  await time(`${few} x arithmetic to Yao`, integers(few), () => engine.toYao(small.arithmetic))
  await time(`${few} x arithmetic to Boolean`, integers(few), () => engine.toBoolean(small.arithmetic))
  await time(`${few} x Boolean to arithmetic`, integers(few), () => engine.toArithmetic(small.boolean))
  await time(`${many} x Boolean to Yao`, integers(many), () => engine.toYao(large.boolean))
  await time(`${many} x Yao to Boolean`, integers(many), () => engine.toBoolean(large.yao))
  await time(`${few} x Yao to arithmetic`, integers(few), () => engine.toArithmetic(small.yao))
  const add = adder(64, 'small')
  await time('64-bit additions, garbled', { count: add.ands * few, unit: 'AND gates' }, () => engine.circuit(add, [small.yao, small.yao]))
}

const extensions: readonly (readonly [string, Extension])[] = [
  ['trees of depth 1 (IKNP)', { depth: 1 }],
  ['trees of depth 2 (SoftSpoken)', { depth: 2 }],
  ['trees of depth 4 (SoftSpoken)', { depth: 4 }],
  ['trees of depth 1, checked', { depth: 1, checked: true }],
]

const comparisons = async (session: Session, time: TimeProtocol): Promise<void> => {
  const less = lessThanCircuit(32, 'shallow', false)
  const rows = 20_000
  await time('AND gates by XOR shares, made ahead and used', { count: less.ands * rows, unit: 'AND gates' }, async () => {
    const engine = abyEngine(session)
    const [x, y] = [0, 1].map(() =>
      engine.shareBits(
        engine.held('guest', () => randomWords(session, rows)),
        rows,
        32,
      ),
    ) as [Shared<'boolean'>, Shared<'boolean'>]
    await engine.circuit(less, [x, y])
  })
}

/** All measurements of one party; the peer runs the same. `seconds` is the time for each line, after it was warmed up. */
export const measure = async (
  channel: Channel,
  me: Party,
  { seconds }: { readonly seconds: number },
): Promise<SecureOutcome<readonly Measurement[]>> => {
  const list: Measurement[] = []
  await greetings(channel, me, seconds, list)
  const traffic = await within(channel, me, undefined, async (session) => {
    const { wire } = session
    await session.both()
    const time = protocolTimer(me, wire, seconds, list, wire.traffic)
    // one side at a time: two threads of one core would share it
    if (me === 'guest') list.push(...garbling(session, seconds), matrixProduct(session, seconds))
    await wire.exchange('kernels measured', new Uint8Array(0))
    const products = 16_384
    await time('product triples over Z/2^64', { count: products, unit: 'triples' }, () => makeTriples(session, products))
    await comparisons(session, time)
    await chains(session, time)
    await conversions(session, time)
    return wire.traffic()
  })
  const triples = 16 * OT_BATCH
  for (const [name, extension] of extensions)
    await within(channel, me, extension, async (session) => {
      await session.both()
      await protocolTimer(
        me,
        session.wire,
        seconds,
        list,
        session.wire.traffic,
      )(`random transfers, one each way per bit triple: ${name}`, { count: 2 * triples, unit: 'transfers' }, () =>
        makeBitTriples(session, triples),
      )
    })
  return { result: list, traffic }
}
