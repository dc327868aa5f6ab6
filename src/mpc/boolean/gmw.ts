// Circuits on XOR shares (Goldreich, Micali and Wigderson 1987): XOR is local, an AND layer costs one bit triple per gate and row and one exchange of two masked bits each way.
// Adversary: semi-honest. What leaks: the circuit and the number of rows; every exchanged bit is masked by a fresh random one.
import { type Circuit, NOT } from '../circuits/circuit.ts'
import type { Session } from '../session.ts'
import type { TrafficCount } from '../traffic.ts'
import { emptyPlanes, type Planes, strideOf } from './planes.ts'
import type { BitTriples } from './triples.ts'

/** Evaluates free gates on `wires` (planes of `stride` bytes). `invert` is all ones at one party only. */
export const freeGates = (wires: Uint8Array, gates: Int32Array, stride: number, invert: number): void => {
  for (let g = 0; g < gates.length; g += 3) {
    const a = (gates[g] as number) * stride
    const second = gates[g + 1] as number
    const out = (gates[g + 2] as number) * stride
    if (second === NOT) for (let i = 0; i < stride; i++) wires[out + i] = (wires[a + i] as number) ^ invert
    else {
      const b = second * stride
      for (let i = 0; i < stride; i++) wires[out + i] = (wires[a + i] as number) ^ (wires[b + i] as number)
    }
  }
}

/** Input planes at the start of the wires' memory. */
export const loadInputs = (circuit: Circuit, inputs: readonly Planes[], stride: number): Uint8Array => {
  const wires = new Uint8Array(circuit.wires * stride)
  let at = 0
  for (const { bytes } of inputs) {
    wires.set(bytes, at)
    at += bytes.length
  }
  return wires
}

/** Output planes out of the wires' memory. */
export const takeOutputs = (circuit: Circuit, wires: Uint8Array, length: number): readonly Planes[] => {
  const stride = strideOf(length)
  return circuit.outputs.map((list) => {
    const planes = emptyPlanes(length, list.length)
    list.forEach((wire, b) => planes.bytes.set(wires.subarray(wire * stride, (wire + 1) * stride), b * stride))
    return planes
  })
}

/** My shares of the outputs. `triples` hands out fresh bytes of bit triples. */
export const evaluateShares = async (
  session: Session,
  circuit: Circuit,
  inputs: readonly Planes[],
  length: number,
  triples: (bytes: number) => Promise<BitTriples>,
): Promise<readonly Planes[]> => {
  const stride = strideOf(length)
  const wires = loadInputs(circuit, inputs, stride)
  const guest = session.me === 'guest'
  for (const { free, and } of circuit.layers) {
    freeGates(wires, free, stride, guest ? 0xff : 0)
    if (and.length === 0) continue
    const bytes = (and.length / 3) * stride
    const { a, b, c } = await triples(bytes)
    const masked = new Uint8Array(2 * bytes)
    for (let g = 0, at = 0; g < and.length; g += 3) {
      const x = (and[g] as number) * stride
      const y = (and[g + 1] as number) * stride
      for (let i = 0; i < stride; i++, at++) {
        masked[at] = (wires[x + i] as number) ^ (a[at] as number)
        masked[bytes + at] = (wires[y + i] as number) ^ (b[at] as number)
      }
    }
    const theirs = await session.wire.exchange('and layer', masked)
    for (let g = 0, at = 0; g < and.length; g += 3) {
      const out = (and[g + 2] as number) * stride
      for (let i = 0; i < stride; i++, at++) {
        const d = (masked[at] as number) ^ (theirs[at] as number)
        const e = (masked[bytes + at] as number) ^ (theirs[bytes + at] as number)
        wires[out + i] = (c[at] as number) ^ (d & (b[at] as number)) ^ (e & (a[at] as number)) ^ (guest ? d & e : 0)
      }
    }
  }
  return takeOutputs(circuit, wires, length)
}

/** What {@link evaluateShares} sends, triples apart; `triples` is told the bytes that each layer takes. */
export const evaluateTraffic = (traffic: TrafficCount, circuit: Circuit, length: number, triples: (bytes: number) => void): void => {
  for (const { and } of circuit.layers) {
    if (and.length === 0) continue
    const bytes = (and.length / 3) * strideOf(length)
    triples(bytes)
    traffic.exchange(2 * bytes)
  }
}

/** The circuit in the clear. */
export const evaluatePlain = (circuit: Circuit, inputs: readonly Planes[], length: number): readonly Planes[] => {
  const stride = strideOf(length)
  const wires = loadInputs(circuit, inputs, stride)
  for (const { free, and } of circuit.layers) {
    freeGates(wires, free, stride, 0xff)
    for (let g = 0; g < and.length; g += 3) {
      const [a, b, out] = [(and[g] as number) * stride, (and[g + 1] as number) * stride, (and[g + 2] as number) * stride]
      for (let i = 0; i < stride; i++) wires[out + i] = (wires[a + i] as number) & (wires[b + i] as number)
    }
  }
  return takeOutputs(circuit, wires, length)
}
