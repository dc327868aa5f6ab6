// Yao shares: per bit the guest (garbler) keeps a zero label K and a global offset delta with lowest bit 1, the host (evaluator) holds K ^ bit * delta. The lowest bits of both are
// an XOR share of the bit (Demmler, Schneider and Zohner 2015, ABY, section 3.3), so turning Yao into Boolean shares is free. Adversary: semi-honest. What leaks: sizes.
import { type Planes, emptyPlanes, strideOf } from '../boolean/planes.ts'
import type { Circuit } from '../circuits/circuit.ts'
import { receiveHashes, hashBoth } from '../ot/one-way.ts'
import { batches, columnBytes, OT_BATCH, transfersFor } from '../ot/extension.ts'
import type { Session, SessionTraffic } from '../session.ts'
import type { TrafficCount } from '../traffic.ts'
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
}

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
      const columns = await wire.receive('host labels columns', columnBytes(n))
      const corrections = sender.extend(k, n, columns, (rows, first) => {
        const { zero, one } = hashBoth(session, rows, sender.delta, transfersFor(n), first)
        blocks.set(k.bytes(zero, n * 16), done * 16)
        // c = H(q) ^ H(q ^ s) ^ delta: a tweak kernel with no tweak repeats delta
        const repeated = k.put(new Uint8Array(n * 16))
        const d = new Uint8Array(n * 16)
        for (let i = 0; i < n; i++) d.set(delta, i * 16)
        k.bytes(repeated, n * 16).set(d)
        k.xor3(repeated, repeated, zero, one, n * 16)
        return k.copy(repeated, n * 16)
      })
      wire.send('host labels corrections', corrections)
    } else {
      const mine = choices.subarray(done / 8, Math.ceil((done + n) / 8))
      const hashes = await receiveHashes(session, 'host labels', n, mine)
      const corrections = await wire.receive('host labels corrections', n * 16)
      const out = blocks.subarray(done * 16, (done + n) * 16)
      for (let i = 0; i < n; i++) {
        const mask = -(((mine[i >> 3] as number) >> (i & 7)) & 1)
        for (let j = 0; j < 16; j++) out[i * 16 + j] = (hashes[i * 16 + j] as number) ^ ((corrections[i * 16 + j] as number) & mask)
      }
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

/** Garbles at the guest, evaluates at the host, in blocks of rows. */
export const evaluateLabels = async (
  session: Session,
  state: YaoState,
  circuit: Circuit,
  inputs: readonly Labels[],
  length: number,
): Promise<readonly Labels[]> => {
  const { kernels: k, wire, me } = session
  const outputs = circuit.outputs.map((wires) => ({ length, width: wires.length, blocks: new Uint8Array(length * wires.length * 16) }))
  const block = rowsPerBlock(circuit, length)
  for (let start = 0; start < length; start += block) {
    const rows = Math.min(block, length - start)
    const entering = new Uint8Array(circuit.inputs.reduce((sum, width) => sum + width, 0) * rows * 16)
    let at = 0
    for (const { width, blocks } of inputs)
      for (let b = 0; b < width; b++, at += rows * 16)
        entering.set(blocks.subarray((b * length + start) * 16, (b * length + start + rows) * 16), at)
    let leaving: Uint8Array
    if (me === 'guest') {
      const garbled = garble(k, circuit, rows, state.hash, state.delta, entering)
      wire.send('tables', garbled.tables)
      await wire.room()
      leaving = garbled.outputs
    } else leaving = evaluate(k, circuit, rows, state.hash, entering, await wire.receive('tables', tableBytes(circuit, rows)))
    at = 0
    for (const { width, blocks } of outputs)
      for (let b = 0; b < width; b++, at += rows * 16) blocks.set(leaving.subarray(at, at + rows * 16), (b * length + start) * 16)
  }
  return outputs
}

/** What these protocols send. */
export const yaoTraffic = {
  guestLabels: (traffic: TrafficCount, length: number, width: number): void => traffic.message('guest', length * width * 16),
  hostLabels: (traffic: TrafficCount, session: SessionTraffic, length: number, width: number): void => {
    if (length * width > 0) session.need('guest')
    for (const n of batches(length * width, OT_BATCH)) {
      traffic.message('host', columnBytes(n))
      traffic.message('guest', n * 16)
    }
  },
  evaluate: (traffic: TrafficCount, circuit: Circuit, length: number): void => {
    const block = rowsPerBlock(circuit, length)
    for (let start = 0; start < length; start += block) traffic.message('guest', tableBytes(circuit, Math.min(block, length - start)))
  },
} as const
