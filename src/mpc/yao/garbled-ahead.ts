// Circuits garbled before their inputs exist. Ahead, the guest draws zero labels for all inputs, garbles and sends the tables; later each input wire is soldered to the label that it
// really has: the guest sends the XOR of both zero labels, 16 bytes a bit, and the host moves its label by it. Both labels belong to one global offset, which therefore is made ahead
// too (soldering: Nielsen and Orlandi 2009, LEGO, section 3). Adversary: semi-honest. What leaks: circuits and rows; of two zero labels only the XOR is seen, and both are random.
import { createHash } from 'node:crypto'
import { toHex } from '../../base/index.ts'
import type { Circuit } from '../circuits/circuit.ts'
import { keystream } from '../symmetric.ts'
import { gateHash, type GateHash } from './half-gates.ts'

/** One circuit over some rows, garbled. Each is used once. */
export interface GarbledBatch {
  /** See {@link circuitPrint}. */
  readonly circuit: string
  readonly rows: number
  /** At the guest: the seed of the zero labels of the inputs, 16 bytes. */
  readonly seed: Uint8Array
  /** At the guest: the zero labels of the outputs, as [output bit, row] blocks. */
  readonly outputs: Uint8Array
  /** At the host: the tables, block of rows after block of rows. */
  readonly tables: Uint8Array
}

/** What one party keeps. */
export interface GarbledAhead {
  /** At the guest: the global offset of all batches, 16 bytes; empty where there is no batch. */
  readonly delta: Uint8Array
  /** Public: the hash keys of batch i come from it and i. */
  readonly nonce: Uint8Array
  readonly batches: readonly GarbledBatch[]
}

const prints = new WeakMap<Circuit, string>()

/** Names a circuit by its gates: 16 bytes of SHA-256, hexadecimal. */
export const circuitPrint = (circuit: Circuit): string => {
  const known = prints.get(circuit)
  if (known !== undefined) return known
  const hash = createHash('sha256').update(JSON.stringify([circuit.inputs, circuit.outputs, circuit.wires]))
  for (const { free, and } of circuit.layers)
    for (const gates of [free, and])
      hash.update(`${gates.length};`).update(new Uint8Array(gates.buffer, gates.byteOffset, gates.byteLength))
  const print = toHex(hash.digest().subarray(0, 16))
  prints.set(circuit, print)
  return print
}

/** Keys of batch `index`. */
export const batchHash = (nonce: Uint8Array, index: number): GateHash =>
  gateHash(createHash('sha256').update('yimeng garbled ahead').update(nonce).update(String(index)).digest())

/** Bits of all inputs of one row. */
export const inputBits = ({ inputs }: Circuit): number => inputs.reduce((sum, width) => sum + width, 0)

/** The guest's zero labels of the inputs, as [input bit, row] blocks. */
export const zeroLabels = (seed: Uint8Array, circuit: Circuit, rows: number): Uint8Array =>
  keystream(seed)
    .next(inputBits(circuit) * rows * 16)
    .slice()

/** A batch with the keys it was garbled under. */
export interface ReadyBatch extends GarbledBatch {
  readonly hash: GateHash
}

/** Hands out each batch once: the first that fits a circuit and its rows. Both parties ask in the same order. */
export const garbledQueue = ({ nonce, batches }: GarbledAhead): ((circuit: Circuit, rows: number) => ReadyBatch | undefined) => {
  const waiting = new Map<string, ReadyBatch[]>()
  batches.forEach((batch, index) => {
    const key = `${batch.circuit} ${batch.rows}`
    const list = waiting.get(key) ?? []
    list.push({ ...batch, hash: batchHash(nonce, index) })
    waiting.set(key, list)
  })
  return (circuit, rows) => (batches.length === 0 ? undefined : waiting.get(`${circuitPrint(circuit)} ${rows}`)?.shift())
}
