// The cost engine: runs a program without values and counts what the real engine will send, message for message: bytes (payload and headers, before TLS) and rounds of both sides.
import { heldTraffic, type MatrixShape, prepareTraffic } from '../arithmetic/held-matrix.ts'
import { multiplyTraffic } from '../arithmetic/gilboa.ts'
import { truncateTraffic } from '../arithmetic/truncate.ts'
import type { Words } from '../arithmetic/words.ts'
import { evaluateTraffic } from '../boolean/gmw.ts'
import { strideOf } from '../boolean/planes.ts'
import { bitTripleTraffic } from '../boolean/triples.ts'
import type { Circuit } from '../circuits/circuit.ts'
import { adder } from '../circuits/integers.ts'
import type { Extension } from '../ot/extension.ts'
import { oneWayTraffic } from '../ot/one-way.ts'
import { type Party, peerOf } from '../party.ts'
import { defaultPools, type Held, type PoolSizes, refill, type Secure, type SecureProgram, type Shared, type Sharing } from '../secure.ts'
import { sessionTraffic } from '../session.ts'
import { checkInputs, checkPlaces, checkSameLength } from '../shapes.ts'
import { takeTraffic } from '../stock/make-stock.ts'
import type { StockAmounts } from '../stock/randomness.ts'
import { trafficCount } from '../traffic.ts'
import type { WireTraffic } from '../wire.ts'
import { circuitPrint } from '../yao/garbled-ahead.ts'
import { yaoTraffic } from '../yao/labels.ts'
import { likeParts, makeHeld, makeMatrix, makeShared, partyOf } from './values.ts'

/** What a program costs. */
export interface Cost {
  readonly guest: WireTraffic
  readonly host: WireTraffic
  /** AND gates times rows, by XOR shares and garbled. */
  readonly bitGates: number
  readonly garbledGates: number
  /** Products of shares over Z/2^64. */
  readonly products: number
  /** What has to be made ahead so that nothing is made during the run. */
  readonly ahead: StockAmounts
}

const shape = <K extends Sharing>(kind: K, length: number, width = 64): Shared<K> => makeShared(kind, length, width)

/**
 * The cost of `program`, session and base transfers included; with `stock`, of a run that finds one of this size. Opened values are zeros: parameters must decide the control flow.
 *
 * @example
 * ```ts
 * const cost = await costOf(millionaires(64), {})
 * assert.equal(cost.garbledGates, 64 + 63)
 * assert.equal(cost.guest.sent, cost.host.received)
 * ```
 */
export const costOf = async <I, O>(
  program: SecureProgram<I, O>,
  input: I,
  pools: PoolSizes = defaultPools,
  stock?: StockAmounts,
  extension?: Extension,
): Promise<Cost> => {
  const count = trafficCount()
  const session = sessionTraffic(count, extension)
  if (stock !== undefined) takeTraffic(count)
  let bitBytes = Math.ceil((stock?.bitGates ?? 0) / 128) * 16
  let triples = stock?.products ?? 0
  let bitGates = 0
  let garbledGates = 0
  let products = 0
  let bitBytesTaken = 0
  const garbled: { readonly circuit: Circuit; readonly rows: number }[] = []
  const waiting = [...(stock?.garbled ?? [])]
  const garble = (circuit: Circuit, rows: number): void => {
    garbledGates += circuit.ands * rows
    garbled.push({ circuit, rows })
    const found = waiting.findIndex((one) => one.rows === rows && circuitPrint(one.circuit) === circuitPrint(circuit))
    if (found < 0) return yaoTraffic.evaluate(count, circuit, rows)
    waiting.splice(found, 1)
    yaoTraffic.evaluateAhead(count, circuit, rows)
  }
  const takeBits = (bytes: number): void => {
    bitBytesTaken += bytes
    const make = refill(bitBytes, bytes, pools.bitGates / 8, 16)
    if (make > 0) bitTripleTraffic(count, session, make * 8)
    bitBytes += make - bytes
  }
  const takeProducts = (n: number): void => {
    const make = refill(triples, n, pools.products, 1)
    if (make > 0) multiplyTraffic(count, session, make)
    triples += make - n
  }
  const openBytes = (x: Shared<Sharing>): number => (x.kind === 'arithmetic' ? 8 * x.length : strideOf(x.length) * x.width)
  const toYao = (x: Shared<Sharing>, width = 64): Shared<'yao'> => {
    if (x.kind === 'arithmetic') {
      yaoTraffic.guestLabels(count, x.length, width)
      yaoTraffic.hostLabels(count, session, x.length, width)
      garble(adder(width, 'small'), x.length)
      return shape('yao', x.length, width)
    }
    if (x.kind === 'boolean') yaoTraffic.hostLabels(count, session, x.length, x.width)
    return shape('yao', x.length, x.width)
  }
  const engine: Secure = {
    name: 'cost',
    held: (party) => makeHeld(party),
    mapHeld: (x) => makeHeld(partyOf(x)),
    share: (_, length) => shape('arithmetic', length),
    shareBits: (_, length, width) => shape('boolean', length, width),
    shareLabels: async (x, length, width) => {
      if (x.party === 'guest') yaoTraffic.guestLabels(count, length, width)
      else yaoTraffic.hostLabels(count, session, length, width)
      return shape('yao', length, width)
    },
    constant: (values) => shape('arithmetic', values.length),
    open: async (x) => {
      count.exchange(openBytes(x))
      return new BigUint64Array(x.length)
    },
    reveal: async (x, to) => {
      count.message(peerOf(to), openBytes(x))
      return makeHeld(to)
    },
    add: (x, y) => {
      checkSameLength('add', x, y)
      return shape('arithmetic', x.length)
    },
    subtract: (x, y) => {
      checkSameLength('subtract', x, y)
      return shape('arithmetic', x.length)
    },
    scale: (x) => shape('arithmetic', x.length),
    sum: () => shape('arithmetic', 1),
    slice: (_, from, to) => shape('arithmetic', to - from),
    concat: (parts) =>
      shape(
        'arithmetic',
        parts.reduce((sum, { length }) => sum + length, 0),
      ),
    gather: (parts, places) => likeParts(parts, shape(parts[0]?.kind ?? 'arithmetic', places.length, checkPlaces(parts, places))),
    multiply: async (x, y) => {
      checkSameLength('multiply', x, y)
      products += x.length
      takeProducts(x.length)
      count.exchange(16 * x.length)
      return shape('arithmetic', x.length)
    },
    truncate: async (x, _, how) => {
      if (how === 'exact') truncateTraffic(count, session, x.length)
      return shape('arithmetic', x.length)
    },
    prepareMatrix: async <P extends Party>(x: Held<P, Words>, matrix: MatrixShape) => {
      prepareTraffic(count, session, x.party, matrix)
      return makeMatrix<P>(partyOf(x), matrix)
    },
    products: async (list) => {
      heldTraffic(
        count,
        list.map(({ matrix }) => matrix),
      )
      return list.map(({ matrix, transposed = false }) => shape('arithmetic', transposed ? matrix.shape.columns : matrix.shape.rows))
    },
    circuit: async (circuit, inputs) => {
      const length = checkInputs(circuit, inputs)
      const kind = inputs[0]?.kind ?? 'boolean'
      if (kind === 'yao') garble(circuit, length)
      else {
        bitGates += circuit.ands * length
        evaluateTraffic(count, circuit, length, takeBits)
      }
      return circuit.outputs.map((wires) => likeParts(inputs, shape(kind, length, wires.length)))
    },
    toArithmetic: async (x) => {
      if (x.kind !== 'arithmetic') oneWayTraffic(count, session, 'guest', x.length, x.width)
      return shape('arithmetic', x.length)
    },
    toBoolean: async (x, width) => shape('boolean', x.length, x.kind === 'arithmetic' ? toYao(x, width).width : x.width),
    toYao: async (x, width) => toYao(x, width),
    prepare: async (ahead) => {
      if (ahead.products !== undefined && ahead.products > triples) {
        multiplyTraffic(count, session, ahead.products - triples)
        triples = ahead.products
      }
      const bytes = Math.ceil((ahead.bitGates ?? 0) / 128) * 16
      if (bytes > bitBytes) {
        bitTripleTraffic(count, session, (bytes - bitBytes) * 8)
        bitBytes = bytes
      }
    },
  }
  await program(engine, input)
  count.exchange(0)
  return {
    guest: count.of('guest'),
    host: count.of('host'),
    bitGates,
    garbledGates,
    products,
    ahead: { products, bitGates: bitBytesTaken * 8, garbled },
  }
}
