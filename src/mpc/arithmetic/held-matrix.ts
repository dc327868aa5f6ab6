// Products of a matrix that one party holds with a shared vector, over and over with the same matrix: X w and X^T e of vertical learning. The bits of X are the choices of one
// extension, done once; each product then draws fresh masks from the same rows under a new use number, so a product of [n, d] entries of B bits costs at most 8 n d B bytes and no new
// transfer (a transfer of long strings in pieces). Adversary: semi-honest. What leaks: shape and bit width of X.
import type { Words } from './words.ts'
import { correctionBytes, packWordBits } from '../ot/one-way.ts'
import { discard } from '../memory.ts'
import { batches, OT_BATCH, transfersFor } from '../ot/extension.ts'
import { type Party, peerOf } from '../party.ts'
import { otDomain, type Session, type SessionTraffic } from '../session.ts'
import { hashRows } from '../symmetric.ts'
import type { TrafficCount } from '../traffic.ts'

/** Shape of a matrix: `rows` x `columns` signed integers of `bits` bits (at most 64). */
export interface MatrixShape {
  readonly rows: number
  readonly columns: number
  readonly bits: number
}

/** One side's state of a prepared matrix. */
export interface PreparedMatrix extends MatrixShape {
  readonly holder: Party
  /** Column-major, at the holder only. */
  readonly values: Words | undefined
  /** Rows of the transfers, one block each, in steps. */
  readonly steps: readonly PreparedStep[]
  /** The sender's secret, at the peer of the holder only. */
  readonly delta: Uint8Array | undefined
  /** Times used so far: every use has its own masks. */
  uses: number
}

interface PreparedStep {
  readonly column: number
  readonly row: number
  readonly count: number
  readonly first: number
  readonly blocks: Uint8Array
  /** Packed choice bits, at the holder. */
  readonly choices: Uint8Array | undefined
}

const stepsOf = ({ rows, columns, bits }: MatrixShape): readonly { column: number; row: number; count: number }[] =>
  Array.from({ length: columns }, (_, column) => {
    let row = 0
    return batches(rows, Math.floor(OT_BATCH / bits)).map((count) => {
      const step = { column, row, count }
      row += count
      return step
    })
  }).flat()

/** Transfers the bits of `values` (column-major words, at `holder` only). */
export const prepareMatrix = async (
  session: Session,
  holder: Party,
  shape: MatrixShape,
  values: Words | undefined,
): Promise<PreparedMatrix> => {
  const { kernels: k, wire, me } = session
  const steps: PreparedStep[] = []
  if (me === holder && values !== undefined) {
    const receiver = await session.receiver()
    for (const step of stepsOf(shape)) {
      const start = step.column * shape.rows + step.row
      const choices = packWordBits(values.subarray(start, start + step.count), shape.bits)
      const transfers = step.count * shape.bits
      const { columns, result } = receiver.extend(k, transfers, choices, (rows, first) => ({
        first,
        blocks: k.copy(rows, transfersFor(transfers) * 16),
      }))
      wire.send('matrix columns', columns)
      discard(columns)
      await wire.room()
      steps.push({ ...step, ...result, choices })
    }
    return { ...shape, holder, values, steps, delta: undefined, uses: 0 }
  }
  const sender = await session.sender()
  for (const step of stepsOf(shape)) {
    const transfers = step.count * shape.bits
    const columns = await wire.receive('matrix columns', session.columnBytes(transfers))
    const result = sender.extend(k, transfers, columns, (rows, first) => ({ first, blocks: k.copy(rows, transfersFor(transfers) * 16) }))
    discard(columns)
    steps.push({ ...step, ...result, choices: undefined })
  }
  return { ...shape, holder, values: undefined, steps, delta: sender.delta, uses: 0 }
}

/** What {@link prepareMatrix} sends. */
export const prepareTraffic = (traffic: TrafficCount, session: SessionTraffic, holder: Party, shape: MatrixShape): void => {
  session.need(peerOf(holder))
  for (const { count } of stepsOf(shape)) traffic.message(holder, session.columnBytes(count * shape.bits))
}

/** One product: `transposed` is X^T v with v of `rows` elements, otherwise X v with v of `columns`. */
export interface MatrixProduct {
  readonly matrix: PreparedMatrix
  readonly transposed: boolean
  /** My share of the vector. */
  readonly vector: Words
}

const local = ({ matrix: { rows, columns, values }, transposed, vector }: MatrixProduct): Words => {
  const out = new BigUint64Array(transposed ? columns : rows)
  if (values === undefined) return out
  for (let j = 0; j < columns; j++) {
    const column = values.subarray(j * rows, (j + 1) * rows)
    if (transposed) for (let i = 0; i < rows; i++) out[j] = (out[j] as bigint) + (column[i] as bigint) * (vector[i] as bigint)
    else {
      const factor = vector[j] as bigint
      for (let i = 0; i < rows; i++) out[i] = (out[i] as bigint) + (column[i] as bigint) * factor
    }
  }
  return out
}

// the sender's half: masks and corrections
const sendProduct = (
  session: Session,
  { matrix, transposed, vector }: MatrixProduct,
  use: number,
  corrections: Uint8Array,
  out: Words,
): void => {
  const { kernels: k, nonce, me } = session
  let offset = 0
  for (const { column, row, count, first, blocks } of matrix.steps) {
    const transfers = count * matrix.bits
    k.work(() => {
      const rows = k.put(blocks)
      const [zero, one] = [k.take(transfersFor(transfers) * 16), k.take(transfersFor(transfers) * 16)]
      hashRows(k, nonce, otDomain(me), rows, k.put(new Uint8Array(16)), zero, transfers, first, use)
      hashRows(k, nonce, otDomain(me), rows, k.put(matrix.delta ?? new Uint8Array(16)), one, transfers, first, use)
      const [at, length] = transposed ? [column, 1] : [row, count]
      const sums = k.put(out.subarray(at, at + length))
      const word = k.put(transposed ? vector.subarray(row, row + count) : vector.subarray(column, column + 1))
      const to = k.take(count * correctionBytes(matrix.bits) + 8)
      k.correlateSend(zero, one, 1, count, matrix.bits, 1, word, 0, transposed ? 1 : 0, sums, 0, transposed ? 0 : 1, to)
      out.set(k.words(sums, length), at)
      corrections.set(k.bytes(to, count * correctionBytes(matrix.bits)), offset)
    })
    offset += count * correctionBytes(matrix.bits)
  }
}

const receiveProduct = (
  session: Session,
  { matrix, transposed }: MatrixProduct,
  use: number,
  corrections: Uint8Array,
  out: Words,
): void => {
  const { kernels: k, nonce, me } = session
  let offset = 0
  for (const { column, row, count, first, blocks, choices } of matrix.steps) {
    const transfers = count * matrix.bits
    k.work(() => {
      const rows = k.put(blocks)
      hashRows(k, nonce, otDomain(peerOf(me)), rows, k.put(new Uint8Array(16)), rows, transfers, first, use)
      const [at, length] = transposed ? [column, 1] : [row, count]
      const sums = k.put(out.subarray(at, at + length))
      const received = k.put(corrections.subarray(offset, offset + count * correctionBytes(matrix.bits)))
      k.correlateReceive(rows, k.put(choices ?? new Uint8Array(0)), 1, count, matrix.bits, sums, 0, transposed ? 0 : 1, received)
      out.set(k.words(sums, length), at)
    })
    offset += count * correctionBytes(matrix.bits)
  }
}

const productBytes = (shape: MatrixShape): number => shape.rows * shape.columns * correctionBytes(shape.bits)

/** My shares of several products at once: one message each way that has a holder on the other side. */
export const multiplyHeld = async (session: Session, products: readonly MatrixProduct[]): Promise<readonly Words[]> => {
  const { wire, me } = session
  const tasks = products.map((product) => {
    // use 0 belongs to the extension's own transfers
    product.matrix.uses += 1
    return { product, use: product.matrix.uses, out: local(product), bytes: productBytes(product.matrix) }
  })
  const mine = tasks.filter(({ product }) => product.matrix.holder === me)
  const theirs = tasks.filter(({ product }) => product.matrix.holder !== me)
  if (theirs.length > 0) {
    const corrections = new Uint8Array(theirs.reduce((sum, { bytes }) => sum + bytes, 0))
    let offset = 0
    for (const { product, use, out, bytes } of theirs) {
      sendProduct(session, product, use, corrections.subarray(offset, offset + bytes), out)
      offset += bytes
    }
    wire.send('held products', corrections)
    discard(corrections)
  }
  if (mine.length > 0) {
    const corrections = await wire.receive(
      'held products',
      mine.reduce((sum, { bytes }) => sum + bytes, 0),
    )
    let offset = 0
    for (const { product, use, out, bytes } of mine) {
      receiveProduct(session, product, use, corrections.subarray(offset, offset + bytes), out)
      offset += bytes
    }
    discard(corrections)
  }
  return tasks.map(({ out }) => out)
}

/** What {@link multiplyHeld} sends for products with matrices of these holders and shapes. */
export const heldTraffic = (traffic: TrafficCount, products: readonly { readonly holder: Party; readonly shape: MatrixShape }[]): void => {
  const bytes = { guest: 0, host: 0 }
  for (const { holder, shape } of products) bytes[peerOf(holder)] += productBytes(shape)
  if (bytes.guest > 0 && bytes.host > 0) traffic.exchange(bytes.guest, bytes.host)
  else if (bytes.guest > 0) traffic.message('guest', bytes.guest)
  else if (bytes.host > 0) traffic.message('host', bytes.host)
}
