// Yao shares: per bit the guest (garbler) keeps a zero label K and a global offset delta with lowest bit 1, the host (evaluator) holds K ^ bit * delta. The lowest bits of both are
// an XOR share of the bit (Demmler, Schneider and Zohner 2015, ABY, section 3.3), so turning Yao into Boolean shares is free. Adversary: semi-honest. What leaks: sizes.
import { concatBytes, type Csprng } from '../../base/index.ts'
import { type Planes, emptyPlanes, strideOf } from '../boolean/planes.ts'
import type { Circuit } from '../circuits/circuit.ts'
import { receiveHashes, hashBoth } from '../ot/one-way.ts'
import { batches, OT_BATCH, transfersFor } from '../ot/extension.ts'
import { discard } from '../memory.ts'
import type { Session, SessionTraffic } from '../session.ts'
import type { TrafficCount } from '../traffic.ts'
import { circuitPrint, type GarbledBatch, inputBits, type ReadyBatch, zeroLabels } from './garbled-ahead.ts'
import { evaluate, garble, type GateHash, rowsPerBlock, tableBytes } from './half-gates.ts'

/** Labels of `length` integers of `width` bits, as [bit, row] blocks. */
export interface Labels {
  readonly length: number
  readonly width: number
  readonly blocks: Uint8Array
}

/** The garbler's secrets and both sides' gate counter. */
export interface YaoState {
  readonly hash: GateHash
  /** At the guest only. */
  readonly delta: Uint8Array
  /** A batch garbled ahead that fits, each handed out once. */
  readonly ahead: (circuit: Circuit, rows: number) => ReadyBatch | undefined
}

/** A secret global offset: its lowest bit is 1, so that the lowest bits of two labels differ. */
export const freshOffset = (rng: Csprng): Uint8Array => {
  const delta = new Uint8Array(16)
  rng.fill(delta)
  delta[0] = (delta[0] as number) | 1
  return delta
}

/** Bytes as 32-bit words: a copy only where they are not aligned. */
const wordsOf = (bytes: Uint8Array): Uint32Array =>
  bytes.byteOffset % 4 === 0 ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) : new Uint32Array(bytes.slice().buffer)

const bitOf = ({ bytes, length }: Planes, b: number, row: number): number =>
  ((bytes[b * strideOf(length) + (row >> 3)] as number) >> (row & 7)) & 1

// blocks ^= bit * delta, with a mask instead of a branch
const offsetWhere = (blocks: Uint8Array, planes: Planes, delta: Uint8Array): void => {
  const words = new Uint32Array(blocks.buffer, blocks.byteOffset, blocks.length / 4)
  const d = new Uint32Array(delta.slice().buffer)
  for (let b = 0, at = 0; b < planes.width; b++)
    for (let row = 0; row < planes.length; row++, at += 4) {
      const mask = -bitOf(planes, b, row)
      for (let i = 0; i < 4; i++) words[at + i] = (words[at + i] as number) ^ ((d[i] as number) & mask)
    }
}

/** The labels at `places`, counted through all parts, which have `width` bits. */
export const gatherLabels = (parts: readonly Labels[], places: readonly number[], width: number): Labels => {
  const total = parts.reduce((sum, { length }) => sum + length, 0)
  const blocks = new Uint8Array(places.length * width * 16)
  const out = new Uint32Array(blocks.buffer)
  const row = new Uint8Array(total * 16)
  const words = new Uint32Array(row.buffer)
  for (let b = 0; b < width; b++) {
    let at = 0
    for (const part of parts) {
      row.set(part.blocks.subarray(b * part.length * 16, (b + 1) * part.length * 16), at)
      at += part.length * 16
    }
    for (let i = 0, to = b * places.length * 4; i < places.length; i++, to += 4) {
      const from = (places[i] as number) * 4
      for (let j = 0; j < 4; j++) out[to + j] = words[from + j] as number
    }
  }
  return { length: places.length, width, blocks }
}

/** The guest's input: the host gets one label per bit. `planes` at the guest only. */
export const guestLabels = async (
  session: Session,
  { delta }: YaoState,
  length: number,
  width: number,
  planes: Planes | undefined,
): Promise<Labels> => {
  const bytes = length * width * 16
  if (planes === undefined) return { length, width, blocks: (await session.wire.receive('guest labels', bytes)).slice() }
  const blocks = new Uint8Array(bytes)
  session.rng.fill(blocks)
  const active = blocks.slice()
  offsetWhere(active, planes, delta)
  session.wire.send('guest labels', active)
  return { length, width, blocks }
}

const packedBits = (planes: Planes): Uint8Array => {
  const out = new Uint8Array(Math.ceil((planes.length * planes.width) / 8))
  for (let b = 0, at = 0; b < planes.width; b++)
    for (let row = 0; row < planes.length; row++, at++) out[at >> 3] = (out[at >> 3] as number) | (bitOf(planes, b, row) << (at & 7))
  return out
}

/** The host's input, by oblivious transfer. `planes` at the host only. */
export const hostLabels = async (
  session: Session,
  { delta }: YaoState,
  length: number,
  width: number,
  planes: Planes | undefined,
): Promise<Labels> => {
  const { kernels: k, wire } = session
  const blocks = new Uint8Array(length * width * 16)
  const choices = planes === undefined ? undefined : packedBits(planes)
  let done = 0
  for (const n of batches(length * width)) {
    if (choices === undefined) {
      const sender = await session.sender()
      const columns = await wire.receive('host labels columns', session.columnBytes(n))
      const corrections = sender.extend(k, n, columns, (rows, first) => {
        const { zero, one } = hashBoth(session, rows, sender.delta, transfersFor(n), first)
        blocks.set(k.bytes(zero, n * 16), done * 16)
        // c = H(q) ^ H(q ^ s) ^ delta
        const repeated = k.take(n * 16)
        const memory = k.bytes(repeated, n * 16)
        memory.set(delta)
        for (let filled = 16; filled < memory.length; filled *= 2) memory.copyWithin(filled, 0, filled)
        k.xor3(repeated, repeated, zero, one, n * 16)
        return k.copy(repeated, n * 16)
      })
      wire.send('host labels corrections', corrections)
      discard(columns)
      discard(corrections)
    } else {
      const mine = choices.subarray(done / 8, Math.ceil((done + n) / 8))
      const hashes = await receiveHashes(session, 'host labels', n, mine)
      const corrections = await wire.receive('host labels corrections', n * 16)
      const [h, c] = [wordsOf(hashes), wordsOf(corrections)]
      const out = new Uint32Array(blocks.buffer, done * 16, n * 4)
      for (let i = 0, at = 0; i < n; i++) {
        const mask = -(((mine[i >> 3] as number) >> (i & 7)) & 1)
        for (const end = at + 4; at < end; at++) out[at] = (h[at] as number) ^ ((c[at] as number) & mask)
      }
      discard(hashes)
      discard(corrections)
    }
    done += n
  }
  return { length, width, blocks }
}

/** From XOR shares to labels: the host's share goes through transfer, the guest's moves its zero labels. */
export const labelsOfShares = async (session: Session, state: YaoState, mine: Planes): Promise<Labels> => {
  const labels = await hostLabels(session, state, mine.length, mine.width, session.me === 'host' ? mine : undefined)
  if (session.me === 'guest') offsetWhere(labels.blocks, mine, state.delta)
  return labels
}

/** From labels to XOR shares: their lowest bits. */
export const sharesOfLabels = ({ length, width, blocks }: Labels): Planes => {
  const planes = emptyPlanes(length, width)
  const stride = strideOf(length)
  for (let b = 0, at = 0; b < width; b++)
    for (let row = 0; row < length; row++, at += 16) {
      const to = b * stride + (row >> 3)
      planes.bytes[to] = (planes.bytes[to] as number) | (((blocks[at] as number) & 1) << (row & 7))
    }
  return planes
}

const blocksOf = (circuit: Circuit, length: number): readonly number[] => batches(length, rowsPerBlock(circuit, length))

/** Runs `step` on the input labels of each block of rows, and puts the output labels together. All labels as [bit, row] blocks. */
const inBlocks = async (
  circuit: Circuit,
  inputs: Uint8Array,
  length: number,
  step: (entering: Uint8Array, rows: number) => Promise<Uint8Array>,
): Promise<Uint8Array> => {
  const bitsIn = inputBits(circuit)
  const bitsOut = circuit.outputs.reduce((sum, wires) => sum + wires.length, 0)
  const out = new Uint8Array(bitsOut * length * 16)
  let start = 0
  for (const rows of blocksOf(circuit, length)) {
    const entering = new Uint8Array(bitsIn * rows * 16)
    for (let b = 0; b < bitsIn; b++)
      entering.set(inputs.subarray((b * length + start) * 16, (b * length + start + rows) * 16), b * rows * 16)
    const leaving = await step(entering, rows)
    for (let b = 0; b < bitsOut; b++) out.set(leaving.subarray(b * rows * 16, (b + 1) * rows * 16), (b * length + start) * 16)
    discard(entering)
    discard(leaving)
    start += rows
  }
  return out
}

/** The guest garbles and sends the tables; zero labels of the outputs. */
const garbleBlocks = (
  { kernels: k, wire }: Session,
  { hash, delta }: Pick<YaoState, 'hash' | 'delta'>,
  circuit: Circuit,
  inputs: Uint8Array,
  length: number,
): Promise<Uint8Array> =>
  inBlocks(circuit, inputs, length, async (entering, rows) => {
    const { outputs, tables } = garble(k, circuit, rows, hash, delta, entering)
    wire.send('tables', tables)
    discard(tables)
    await wire.room()
    return outputs
  })

// both zero labels of each input bit, or a label and the XOR of both: the same work
const xorBlocks = ({ kernels: k }: Session, a: Uint8Array, b: Uint8Array): Uint8Array =>
  k.work(() => {
    const to = k.put(a)
    k.xorInto(to, k.put(b), a.length)
    return k.copy(to, a.length)
  })

/** The circuit was garbled ahead: its inputs are soldered to the labels that there are. */
const evaluateAhead = async (
  session: Session,
  circuit: Circuit,
  inputs: Uint8Array,
  length: number,
  batch: ReadyBatch,
): Promise<Uint8Array> => {
  const { kernels: k, wire, me } = session
  if (me === 'guest') {
    wire.send('solder', xorBlocks(session, inputs, zeroLabels(batch.seed, circuit, length)))
    await wire.room()
    // aligned, as labels are
    return batch.outputs.slice()
  }
  let at = 0
  return inBlocks(circuit, xorBlocks(session, inputs, await wire.receive('solder', inputs.length)), length, async (entering, rows) => {
    const tables = batch.tables.subarray(at, at + tableBytes(circuit, rows))
    at += tables.length
    return evaluate(k, circuit, rows, batch.hash, entering, tables)
  })
}

/** Garbles at the guest, evaluates at the host, in blocks of rows. */
export const evaluateLabels = async (
  session: Session,
  state: YaoState,
  circuit: Circuit,
  inputs: readonly Labels[],
  length: number,
): Promise<readonly Labels[]> => {
  const { kernels: k, wire, me } = session
  const entering = concatBytes(...inputs.map(({ blocks }) => blocks))
  const ahead = state.ahead(circuit, length)
  const leaving = await (ahead !== undefined
    ? evaluateAhead(session, circuit, entering, length, ahead)
    : me === 'guest'
      ? garbleBlocks(session, state, circuit, entering, length)
      : inBlocks(circuit, entering, length, async (labels, rows) => {
          const tables = await wire.receive('tables', tableBytes(circuit, rows))
          const outputs = evaluate(k, circuit, rows, state.hash, labels, tables)
          discard(tables)
          return outputs
        }))
  discard(entering)
  if (circuit.outputs.length === 1) return [{ length, width: circuit.outputs[0]?.length ?? 0, blocks: leaving }]
  let at = 0
  return circuit.outputs.map(({ length: width }) => {
    const blocks = leaving.subarray(at, at + width * length * 16)
    at += blocks.length
    // labels are read as 32-bit words
    return { length, width, blocks: blocks.slice() }
  })
}

/** Garbles a circuit whose inputs are not known yet, for {@link evaluateLabels} of a later session. */
export const garbleAhead = async (
  session: Session,
  { hash, delta }: Pick<YaoState, 'hash' | 'delta'>,
  circuit: Circuit,
  rows: number,
): Promise<GarbledBatch> => {
  const batch = { circuit: circuitPrint(circuit), rows }
  const none = new Uint8Array(0)
  if (session.me === 'guest') {
    const seed = new Uint8Array(16)
    session.rng.fill(seed)
    return {
      ...batch,
      seed,
      outputs: await garbleBlocks(session, { hash, delta }, circuit, zeroLabels(seed, circuit, rows), rows),
      tables: none,
    }
  }
  const tables: Uint8Array[] = []
  for (const block of blocksOf(circuit, rows)) tables.push(await session.wire.receive('tables', tableBytes(circuit, block)))
  return { ...batch, seed: none, outputs: none, tables: concatBytes(...tables) }
}

/** What these protocols send. */
export const yaoTraffic = {
  guestLabels: (traffic: TrafficCount, length: number, width: number): void => traffic.message('guest', length * width * 16),
  hostLabels: (traffic: TrafficCount, session: SessionTraffic, length: number, width: number): void => {
    if (length * width > 0) session.need('guest')
    for (const n of batches(length * width, OT_BATCH)) {
      traffic.message('host', session.columnBytes(n))
      traffic.message('guest', n * 16)
    }
  },
  evaluate: (traffic: TrafficCount, circuit: Circuit, length: number): void => {
    for (const rows of blocksOf(circuit, length)) traffic.message('guest', tableBytes(circuit, rows))
  },
  evaluateAhead: (traffic: TrafficCount, circuit: Circuit, length: number): void =>
    traffic.message('guest', inputBits(circuit) * length * 16),
} as const
