// Garbled circuits by half gates (Zahur, Rosulek and Evans 2015): free XOR, two blocks per AND gate, garbled layer by layer over many rows at once with Node's AES.
// Hash: p(s(x) ^ t) ^ s(x) ^ t with a fresh AES key per batch of gates (in the spirit of Guo et al. 2020, multi-instance security). Adversary: semi-honest; an active garbler could
// garble another circuit. What leaks: the circuit and the number of rows. Labels lie as [wire, row] blocks of 16 bytes.
import type { Cipheriv } from 'node:crypto'
import type { Circuit } from '../circuits/circuit.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { batchKey, encryptInto, permutation } from '../symmetric.ts'

/** AND instances per call into AES, and at most per key. */
const STEP = 1024
/** Labels of one block of rows, in bytes: the labels of a layer and the next stay in the second-level cache, and layers are wide: calls into AES cost microseconds. */
const BLOCK_BYTES = 1 << 22

/** Rows garbled together. Both sides compute the same. */
export const rowsPerBlock = (circuit: Circuit, rows: number): number =>
  Math.max(1, Math.min(rows, Math.floor(BLOCK_BYTES / 16 / circuit.wires)))

/** Bytes of the tables of `rows` rows. */
export const tableBytes = (circuit: Circuit, rows: number): number => circuit.ands * rows * 32

/** Numbers gates and changes keys, alike on both sides. */
export interface GateHash {
  /** The permutation for the next `count` gates, and the number of the first. */
  readonly next: (count: number) => { readonly cipher: Cipheriv; readonly first: number }
}

/** Keys from the session's nonce. */
export const gateHash = (nonce: Uint8Array): GateHash => {
  let gates = 0
  let used = STEP
  let batch = 0
  let cipher = permutation(batchKey(nonce, 3, 0, 0))
  return {
    next: (count) => {
      if (used + count > STEP) {
        batch += 1
        used = 0
        cipher = permutation(batchKey(nonce, 3, batch, 0))
      }
      const first = gates
      gates += count
      used += count
      return { cipher, first }
    },
  }
}

/** A circuit's gates in kernel memory. */
const putGates = (
  k: Kernels,
  circuit: Circuit,
): readonly { readonly free: number; readonly freeCount: number; readonly and: number; readonly andCount: number }[] =>
  circuit.layers.map(({ free, and }) => ({ free: k.put(free), freeCount: free.length / 3, and: k.put(and), andCount: and.length / 3 }))

const run = (
  k: Kernels,
  circuit: Circuit,
  rows: number,
  hash: GateHash,
  inputs: Uint8Array,
  inverted: Uint8Array,
  blocksPerGate: number,
  step: (labels: number, gates: number, from: number, to: number, first: number, prepared: number, cipher: Cipheriv) => void,
): Uint8Array => {
  const layers = putGates(k, circuit)
  const labels = k.take(circuit.wires * rows * 16)
  const prepared = k.take(STEP * blocksPerGate * 16)
  k.bytes(labels, inputs.length).set(inputs)
  const flip = k.put(inverted)
  for (const { free, freeCount, and, andCount } of layers) {
    if (freeCount > 0) k.freeGates(labels, rows, free, freeCount, flip)
    const total = andCount * rows
    for (let from = 0; from < total; from += STEP) {
      const to = Math.min(total, from + STEP)
      const { cipher, first } = hash.next(to - from)
      step(labels, and, from, to, first - from, prepared, cipher)
    }
  }
  const wires = circuit.outputs.flat()
  const out = new Uint8Array(wires.length * rows * 16)
  wires.forEach((wire, i) => out.set(k.bytes(labels + wire * rows * 16, rows * 16), i * rows * 16))
  return out
}

// prepared ^= p(prepared)
const hashInPlace = (k: Kernels, prepared: number, bytes: number, scratch: number, cipher: Cipheriv): void => {
  encryptInto(cipher, k.bytes(prepared, bytes), k.bytes(scratch, bytes))
  k.xorInto(prepared, scratch, bytes)
}

/** Garbles `rows` rows: zero labels of the outputs from zero labels of the inputs, and the tables to send. */
export const garble = (
  k: Kernels,
  circuit: Circuit,
  rows: number,
  hash: GateHash,
  delta: Uint8Array,
  inputs: Uint8Array,
): { readonly outputs: Uint8Array; readonly tables: Uint8Array } =>
  k.work(() => {
    const tables = k.take(tableBytes(circuit, rows))
    const offset = k.put(delta)
    const scratch = k.take(STEP * 64)
    let at = tables
    const outputs = run(k, circuit, rows, hash, inputs, delta, 4, (labels, gates, from, to, first, prepared, cipher) => {
      k.garblePrepare(labels, rows, gates, from, to, offset, BigInt(first), prepared)
      hashInPlace(k, prepared, (to - from) * 64, scratch, cipher)
      k.garbleFinish(labels, rows, gates, from, to, offset, prepared, at)
      at += (to - from) * 32
    })
    return { outputs, tables: k.copy(tables, tableBytes(circuit, rows)) }
  })

/** Evaluates `rows` rows: active labels of the outputs from active labels of the inputs and the tables. */
export const evaluate = (k: Kernels, circuit: Circuit, rows: number, hash: GateHash, inputs: Uint8Array, tables: Uint8Array): Uint8Array =>
  k.work(() => {
    let at = k.put(tables)
    const scratch = k.take(STEP * 32)
    return run(k, circuit, rows, hash, inputs, new Uint8Array(16), 2, (labels, gates, from, to, first, prepared, cipher) => {
      k.evaluatePrepare(labels, rows, gates, from, to, BigInt(first), prepared)
      hashInPlace(k, prepared, (to - from) * 32, scratch, cipher)
      k.evaluateFinish(labels, rows, gates, from, to, prepared, at)
      at += (to - from) * 32
    })
  })
