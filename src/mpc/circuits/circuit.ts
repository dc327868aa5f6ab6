// Boolean circuits: XOR and NOT are free, AND costs. A circuit is a list of layers; a layer's free gates come before its AND gates, and the AND gates of one layer do not depend on
// each other, so that they travel or are encrypted together.

/** A wire while a circuit is built: an input or a gate's output, or a constant. */
export type Wire = number

/** The constants. */
export const ZERO: Wire = -1
/** See {@link ZERO}. */
export const ONE: Wire = -2

/** Second operand of a NOT gate. */
export const NOT = -1

/** Gates as triples (a, b, out); b is {@link NOT} for an inverter. */
export interface Layer {
  readonly free: Int32Array
  readonly and: Int32Array
}

/** A circuit. Inputs take the first wires, in order, lowest bit first. */
export interface Circuit {
  readonly name: string
  /** Widths in bits. */
  readonly inputs: readonly number[]
  /** Wires of each output, lowest bit first. */
  readonly outputs: readonly (readonly Wire[])[]
  readonly wires: number
  readonly layers: readonly Layer[]
  readonly ands: number
}

/** AND layers: the rounds that GMW needs. */
export const depthOf = (circuit: Circuit): number => circuit.layers.filter(({ and }) => and.length > 0).length

/** Gates for {@link circuit}: constants are folded and equal gates shared. */
export interface CircuitBuilder {
  readonly xor: (a: Wire, b: Wire) => Wire
  readonly and: (a: Wire, b: Wire) => Wire
  readonly not: (a: Wire) => Wire
  readonly or: (a: Wire, b: Wire) => Wire
  /** `a` where `choice`, else `b`; one AND. */
  readonly mux: (choice: Wire, a: Wire, b: Wire) => Wire
}

/**
 * Builds a circuit from a function of its input wires.
 *
 * @example
 * ```ts
 * const nand = circuit('nand', [1, 1], (g, [a = [], b = []]) => [[g.not(g.and(a[0] ?? ZERO, b[0] ?? ZERO))]])
 * assert.equal(nand.ands, 1)
 * ```
 */
export const circuit = (
  name: string,
  inputs: readonly number[],
  build: (g: CircuitBuilder, inputs: readonly (readonly Wire[])[]) => readonly (readonly Wire[])[],
): Circuit => {
  const gates: { readonly a: Wire; readonly b: Wire; readonly and: boolean }[] = []
  const depths: number[] = []
  const known = new Map<string, Wire>()
  let first = 0
  const inputWires = inputs.map((width) => Array.from({ length: width }, () => first++))
  const depthOfWire = (wire: Wire): number => (wire < first ? 0 : (depths[wire - first] ?? 0))
  const gate = (a: Wire, b: Wire, and: boolean): Wire => {
    const key = `${and ? '&' : '^'}${a},${b}`
    const same = known.get(key)
    if (same !== undefined) return same
    const wire = first + gates.length
    gates.push({ a, b, and })
    depths.push(Math.max(depthOfWire(a), b === NOT ? 0 : depthOfWire(b)) + (and ? 1 : 0))
    known.set(key, wire)
    return wire
  }
  const not = (a: Wire): Wire => {
    if (a === ZERO) return ONE
    if (a === ONE) return ZERO
    const origin = a < first ? undefined : gates[a - first]
    return origin !== undefined && origin.b === NOT ? origin.a : gate(a, NOT, false)
  }
  const xor = (a: Wire, b: Wire): Wire => {
    if (a === b) return ZERO
    if (a === ZERO) return b
    if (b === ZERO) return a
    if (a === ONE) return not(b)
    if (b === ONE) return not(a)
    return gate(Math.min(a, b), Math.max(a, b), false)
  }
  const and = (a: Wire, b: Wire): Wire => {
    if (a === ZERO || b === ZERO) return ZERO
    if (a === ONE || a === b) return b
    if (b === ONE) return a
    return gate(Math.min(a, b), Math.max(a, b), true)
  }
  const g: CircuitBuilder = {
    xor,
    and,
    not,
    or: (a, b) => xor(xor(a, b), and(a, b)),
    mux: (choice, a, b) => xor(b, and(choice, xor(a, b))),
  }
  const built = build(g, inputWires)
  // constants among the outputs: x ^ x, which `xor` above would fold
  const constant = (one: boolean): Wire => {
    const zero = gate(0, 0, false)
    return one ? gate(zero, NOT, false) : zero
  }
  const outputs = built.map((wires) => wires.map((wire) => (wire === ZERO ? constant(false) : wire === ONE ? constant(true) : wire)))
  const last = depths.reduce((most, depth) => Math.max(most, depth), 0)
  const free: number[][] = Array.from({ length: last + 1 }, () => [])
  const ands: number[][] = Array.from({ length: last + 1 }, () => [])
  gates.forEach((one, i) => {
    const depth = depths[i] ?? 0
    ;(one.and ? ands[depth - 1] : free[depth])?.push(one.a, one.b, first + i)
  })
  return {
    name,
    inputs,
    outputs,
    wires: first + gates.length,
    layers: free.map((list, depth) => ({ free: Int32Array.from(list), and: Int32Array.from(ands[depth] ?? []) })),
    ands: gates.filter((one) => one.and).length,
  }
}
