// The real engine: arithmetic, Boolean and Yao shares between two processes (Demmler, Schneider and Zohner 2015, ABY), over any channel.
// Adversary: semi-honest parties on an authenticated channel; nothing protects against a party that departs from the protocol, nor do both parties' colluding machines count as two.
// What leaks: sizes, and what the program opens or reveals. Randomness made ahead is used once; a session that failed shows no result and cannot be used again.
import { type Channel, YimengError } from '../../base/index.ts'
import { makeTriples, type Triples } from '../arithmetic/gilboa.ts'
import { type MatrixShape, multiplyHeld, prepareMatrix, type PreparedMatrix } from '../arithmetic/held-matrix.ts'
import { truncateExactly, truncateLocally } from '../arithmetic/truncate.ts'
import {
  addWords,
  bytesOfWords,
  concatWords,
  gatherWords,
  multiplyWords,
  scaleWords,
  subtractWords,
  sumWords,
  type Words,
  wordsOfBytes,
} from '../arithmetic/words.ts'
import { evaluateShares } from '../boolean/gmw.ts'
import { gatherPlanes, type Planes, planesOfWords, strideOf, wordsOfPlanes, xorPlanes } from '../boolean/planes.ts'
import { type BitTriples, makeBitTriples } from '../boolean/triples.ts'
import { adder } from '../circuits/integers.ts'
import { shareBits } from '../ot/one-way.ts'
import type { Extension } from '../ot/extension.ts'
import type { Party } from '../party.ts'
import { defaultPools, type Held, type PoolSizes, refill, type Secure, type SecureProgram, type Shared, type Sharing } from '../secure.ts'
import { openSession, type Session } from '../session.ts'
import { checkAnnounced, checkInputs, checkPlaces, checkSameLength } from '../shapes.ts'
import type { Stock } from '../stock/folder-stock.ts'
import { takeCommon } from '../stock/make-stock.ts'
import { noRandomness, type Randomness } from '../stock/randomness.ts'
import type { WireTraffic } from '../wire.ts'
import { garbledQueue } from '../yao/garbled-ahead.ts'
import { gateHash } from '../yao/half-gates.ts'
import {
  evaluateLabels,
  freshOffset,
  gatherLabels,
  guestLabels,
  hostLabels,
  type Labels,
  labelsOfShares,
  sharesOfLabels,
  type YaoState,
} from '../yao/labels.ts'
import { allOf, insideOf, insideOfMatrix, knownOf, likeParts, makeHeld, makeMatrix, makeShared, partyOf } from './values.ts'

type Content<K extends Sharing> = K extends 'arithmetic' ? Words : K extends 'boolean' ? Planes : Labels

const contentOf = <K extends Sharing>(x: Shared<K>): Content<K> => insideOf(x) as Content<K>
const arithmetic = (content: Words): Shared<'arithmetic'> => makeShared('arithmetic', content.length, 64, content)
const boolean = (content: Planes): Shared<'boolean'> => makeShared('boolean', content.length, content.width, content)
const yao = (content: Labels): Shared<'yao'> => makeShared('yao', content.length, content.width, content)
const is = <K extends Sharing>(x: Shared<Sharing>, kind: K): x is Shared<K> => x.kind === kind

const mixedKinds = (list: readonly Shared<Sharing>[]): YimengError =>
  new YimengError({
    code: 'mpc-kind',
    cannot: 'compute on shares',
    expected: 'shares of one kind',
    got: list.map(({ kind }) => kind).join(', '),
  })

/** For protocols that move shares themselves: my share of `x`. */
export const ownShare = (x: Shared<'arithmetic'>): Words => contentOf(x)
/** A shared vector of which `words` is my share. */
export const fromOwnShare = (words: Words): Shared<'arithmetic'> => arithmetic(words)

/** Bytes from a store that is refilled, each used once. */
const pool = <T>(
  make: (count: number) => Promise<T>,
  join: (rest: T, fresh: T) => T,
  cut: (store: T, from: number, to: number) => T,
  start: T,
  startCount: number,
  batch: number,
  multiple: number,
) => {
  let store = start
  let have = startCount
  const add = async (count: number): Promise<void> => {
    if (count <= 0) return
    store = join(store, await make(count))
    have += count
  }
  return {
    ahead: (count: number) => add(count - have),
    take: async (count: number): Promise<T> => {
      await add(refill(have, count, batch, multiple))
      const taken = cut(store, 0, count)
      store = cut(store, count, have)
      have -= count
      return taken
    },
  }
}

const joinBytes = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  if (a.length === 0) return b
  const out = new Uint8Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}

const pools = (session: Session, sizes: PoolSizes, stock: Randomness) => {
  const joinWords = (a: Words, b: Words): Words => wordsOfBytes(joinBytes(bytesOfWords(a), bytesOfWords(b)))
  return {
    bits: pool<BitTriples>(
      (bytes) => makeBitTriples(session, bytes * 8),
      (x, y) => ({ a: joinBytes(x.a, y.a), b: joinBytes(x.b, y.b), c: joinBytes(x.c, y.c) }),
      ({ a, b, c }, from, to) => ({ a: a.subarray(from, to), b: b.subarray(from, to), c: c.subarray(from, to) }),
      stock.bits,
      stock.bits.a.length,
      sizes.bitGates / 8,
      16,
    ),
    products: pool<Triples>(
      (count) => makeTriples(session, count),
      (x, y) => ({ a: joinWords(x.a, y.a), b: joinWords(x.b, y.b), c: joinWords(x.c, y.c) }),
      ({ a, b, c }, from, to) => ({ a: a.subarray(from, to), b: b.subarray(from, to), c: c.subarray(from, to) }),
      stock.products,
      stock.products.a.length,
      sizes.products,
      1,
    ),
  }
}

/** One after the other, in the order of the calls; after a failure nothing runs any more. */
const inTurn = (): (<T>(task: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task)
    last = result
    // the caller gets the rejection from `result`
    last.catch(() => undefined)
    return result
  }
}

/** The engine of one side of `session`, with randomness made ahead where there is some. */
export const abyEngine = (session: Session, sizes: PoolSizes = defaultPools, stock: Randomness = noRandomness): Secure => {
  const { me, wire } = session
  const guest = me === 'guest'
  const { garbled } = stock
  const state: YaoState = {
    hash: gateHash(session.nonce),
    // what was garbled ahead has its own offset, which then is that of the whole session
    delta: garbled.delta.length > 0 ? garbled.delta : guest ? freshOffset(session.rng) : new Uint8Array(16),
    ahead: garbledQueue(garbled),
  }
  const { bits, products } = pools(session, sizes, stock)
  const turn = inTurn()

  const heldValue = <T>(x: Held<Party, T>): T => {
    const known = knownOf(x)
    if (known === undefined)
      throw new YimengError({ code: 'mpc-held', cannot: 'read held value', expected: `a value of the ${me}`, got: `one of the ${x.party}` })
    return known.value
  }
  const atHolder = (x: Held<Party, Words>, length: number): Words | undefined => {
    if (x.party !== me) return undefined
    const value = heldValue(x)
    checkAnnounced(value, length)
    return value
  }
  // my share of what `x.party` brings: the peer's is drawn from the sharer's stream
  const shareWords = (x: Held<Party, Words>, length: number): Words => {
    const value = atHolder(x, length)
    const random = wordsOfBytes((value === undefined ? session.incoming : session.outgoing).next(8 * length))
    return value === undefined ? random : subtractWords(value, random)
  }
  const sharePlanes = (x: Held<Party, Words>, length: number, width: number): Planes => {
    const value = atHolder(x, length)
    const random: Planes = {
      length,
      width,
      bytes: (value === undefined ? session.incoming : session.outgoing).next(strideOf(length) * width).slice(),
    }
    return value === undefined ? random : xorPlanes(planesOfWords(value, width), random)
  }
  const makeLabels = (party: Party, length: number, width: number, planes: Planes | undefined): Promise<Labels> =>
    party === 'guest' ? guestLabels(session, state, length, width, planes) : hostLabels(session, state, length, width, planes)

  const toYao = async (x: Shared<Sharing>, width = 64): Promise<Shared<'yao'>> => {
    if (is(x, 'yao')) return x
    if (is(x, 'boolean')) return yao(await labelsOfShares(session, state, contentOf(x)))
    const planes = planesOfWords(contentOf(x as Shared<'arithmetic'>), width)
    const mine = await makeLabels('guest', x.length, width, guest ? planes : undefined)
    const theirs = await makeLabels('host', x.length, width, guest ? undefined : planes)
    const [sum] = await evaluateLabels(session, state, adder(width, 'small'), [mine, theirs], x.length)
    return yao(sum as Labels)
  }
  const toBoolean = async (x: Shared<Sharing>, width = 64): Promise<Shared<'boolean'>> =>
    is(x, 'boolean') ? x : boolean(sharesOfLabels(contentOf(await toYao(x, width))))
  const shareBytes = async (x: Shared<Sharing>): Promise<Uint8Array> =>
    is(x, 'arithmetic') ? bytesOfWords(contentOf(x)) : contentOf(await toBoolean(x)).bytes
  const combine = async (x: Shared<Sharing>, theirs: Uint8Array): Promise<Words> => {
    if (is(x, 'arithmetic')) return addWords(contentOf(x), wordsOfBytes(theirs))
    const mine = contentOf(await toBoolean(x))
    return wordsOfPlanes(xorPlanes(mine, { ...mine, bytes: theirs }))
  }

  return {
    name: 'aby',
    held: (party, read) => (party === me ? makeHeld(party, { value: read() }) : makeHeld(party)),
    mapHeld: (x, f) => (x.party === me ? makeHeld(partyOf(x), { value: f(heldValue(x)) }) : makeHeld(partyOf(x))),
    share: (x, length) => arithmetic(shareWords(x, length)),
    shareBits: (x, length, width) => boolean(sharePlanes(x, length, width)),
    shareLabels: (x, length, width) =>
      turn(async () => {
        const value = atHolder(x, length)
        return yao(await makeLabels(x.party, length, width, value === undefined ? undefined : planesOfWords(value, width)))
      }),
    constant: (values) => arithmetic(guest ? values.slice() : new BigUint64Array(values.length)),
    open: (x) => turn(async () => combine(x, await wire.exchange('open', await shareBytes(x)))),
    reveal: (x, to) =>
      turn(async () => {
        const mine = await shareBytes(x)
        if (to === me) return makeHeld(to, { value: await combine(x, await wire.receive('reveal', mine.length)) })
        wire.send('reveal', mine)
        return makeHeld(to)
      }),
    add: (x, y) => {
      checkSameLength('add', x, y)
      return arithmetic(addWords(contentOf(x), contentOf(y)))
    },
    subtract: (x, y) => {
      checkSameLength('subtract', x, y)
      return arithmetic(subtractWords(contentOf(x), contentOf(y)))
    },
    scale: (x, factor) => arithmetic(scaleWords(contentOf(x), factor)),
    sum: (x) => arithmetic(sumWords(contentOf(x))),
    slice: (x, from, to) => arithmetic(contentOf(x).slice(from, to)),
    concat: (parts) => arithmetic(concatWords(parts.map(contentOf))),
    gather: (parts, places) => {
      const width = checkPlaces(parts, places)
      const list: readonly Shared<Sharing>[] = parts
      if (allOf(list, 'yao')) return likeParts(parts, yao(gatherLabels(list.map(contentOf), places, width)))
      if (allOf(list, 'boolean')) return likeParts(parts, boolean(gatherPlanes(list.map(contentOf), places, width)))
      if (allOf(list, 'arithmetic')) return likeParts(parts, arithmetic(gatherWords(list.map(contentOf), places)))
      throw mixedKinds(list)
    },
    multiply: (x, y) =>
      turn(async () => {
        checkSameLength('multiply', x, y)
        const n = x.length
        const { a, b, c } = await products.take(n)
        const masked = new BigUint64Array(2 * n)
        masked.set(subtractWords(contentOf(x), a))
        masked.set(subtractWords(contentOf(y), b), n)
        // Beaver 1991: x y = c + d b + e a + d e with d = x - a, e = y - b
        const opened = addWords(masked, wordsOfBytes(await wire.exchange('masked factors', bytesOfWords(masked))))
        const [d, e] = [opened.subarray(0, n), opened.subarray(n)]
        const out = addWords(addWords(c, multiplyWords(d, b)), multiplyWords(e, a))
        return arithmetic(guest ? addWords(out, multiplyWords(d, e)) : out)
      }),
    truncate: (x, divisor, how) =>
      turn(async () =>
        arithmetic(how === 'local' ? truncateLocally(contentOf(x), divisor) : await truncateExactly(session, contentOf(x), divisor)),
      ),
    prepareMatrix: <P extends Party>(x: Held<P, Words>, shape: MatrixShape) =>
      turn(async () => {
        const prepared = await prepareMatrix(session, x.party, shape, atHolder(x, shape.rows * shape.columns))
        return makeMatrix<P>(partyOf(x), shape, prepared)
      }),
    products: (list) =>
      turn(async () => {
        const made = await multiplyHeld(
          session,
          list.map(({ matrix, vector, transposed = false }) => {
            checkAnnounced(vector, transposed ? matrix.shape.rows : matrix.shape.columns)
            return { matrix: insideOfMatrix(matrix) as PreparedMatrix, transposed, vector: contentOf(vector) }
          }),
        )
        return made.map(arithmetic)
      }),
    circuit: (circuit, inputs) =>
      turn(async () => {
        const length = checkInputs(circuit, inputs)
        const list: readonly Shared<Sharing>[] = inputs
        if (allOf(list, 'yao'))
          return (await evaluateLabels(session, state, circuit, list.map(contentOf), length)).map((out) => likeParts(inputs, yao(out)))
        if (allOf(list, 'boolean'))
          return (await evaluateShares(session, circuit, list.map(contentOf), length, bits.take)).map((out) =>
            likeParts(inputs, boolean(out)),
          )
        throw mixedKinds(list)
      }),
    toArithmetic: (x) =>
      turn(async () => {
        if (is(x, 'arithmetic')) return x
        const planes = contentOf(await toBoolean(x))
        return arithmetic(await shareBits(session, 'to arithmetic', wordsOfPlanes(planes), planes.width))
      }),
    toBoolean: (x, width) => turn(() => toBoolean(x, width)),
    toYao: (x, width) => turn(() => toYao(x, width)),
    prepare: (ahead) =>
      turn(async () => {
        await products.ahead(ahead.products ?? 0)
        await bits.ahead(Math.ceil((ahead.bitGates ?? 0) / 128) * 16)
      }),
  }
}

/** What a run gives back at one party. */
export interface SecureOutcome<O> {
  readonly result: O
  readonly traffic: WireTraffic
}

/** Names what runs and how. */
export interface SecureRun {
  /** The program with all its public parameters: both sides must name the same, or neither starts. */
  readonly program: string
  readonly pools?: PoolSizes
  /** Where randomness made ahead lies, at both sides or at neither. A common stock is used up; without one the randomness is made as it is needed. */
  readonly stock?: Stock
  /** How transfers are made. Default: {@link defaultExtension}. */
  readonly extension?: Extension
  /** How long to wait for the peer each time. Default 120,000. */
  readonly timeoutMs?: number
}

/** How a program that has a name of its own is run. */
export type RunOptions = Pick<SecureRun, 'stock' | 'extension' | 'timeoutMs'>

/**
 * Runs my side of `program` over `channel`. The result is handed out only after both sides have finished. When anything fails, both sides stop with a cause and the channel is closed.
 * After success the channel is free for the next program.
 *
 * @example
 * ```ts
 * const sum: SecureProgram<bigint, bigint> = async (engine, mine) => {
 *   const [x, y] = [engine.share(engine.held('guest', () => words([mine])), 1), engine.share(engine.held('host', () => words([mine])), 1)]
 *   return (await engine.open(engine.add(x, y)))[0] ?? 0n
 * }
 * const [here, there] = memoryChannels()
 * const run = { program: 'sum' }
 * const [guest, host] = await Promise.all([runSecurely(here, 'guest', run, sum, 40n), runSecurely(there, 'host', run, sum, 2n)])
 * assert.deepEqual([guest.result, host.result], [42n, 42n])
 * ```
 *
 * @throws YimengError `mpc-peer-lost`, `mpc-peer-silent`, `mpc-peer-stopped`, `mpc-version`, `mpc-program`, `mpc-role`, `mpc-sequence`, `mpc-label`, `mpc-length`.
 */
export const runSecurely = async <I, O>(
  channel: Channel,
  me: Party,
  run: SecureRun,
  program: SecureProgram<I, O>,
  input: I,
): Promise<SecureOutcome<O>> => {
  const name = run.stock === undefined ? run.program : `${run.program} from stock`
  const session = await openSession(channel, me, name, run.timeoutMs, run.extension)
  try {
    const result = await program(
      abyEngine(session, run.pools, run.stock === undefined ? undefined : await takeCommon(session, run.stock)),
      input,
    )
    await session.wire.exchange('done', new Uint8Array(0))
    await session.wire.flush()
    return { result, traffic: session.wire.traffic() }
  } catch (cause) {
    await session.wire.stop(cause instanceof YimengError ? cause.code : 'mpc-fault')
    throw cause
  }
}
