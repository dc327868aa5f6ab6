// Circuits on integers in two's complement, lowest bit first. Two shapes: 'small' has the fewest AND gates (garbling), 'shallow' the fewest layers (GMW).
import { type Circuit, type CircuitBuilder, circuit, ONE, type Wire, ZERO } from './circuit.ts'

/** What a circuit is made small for. */
export type CircuitShape = 'small' | 'shallow'

const bit = (wires: readonly Wire[], i: number): Wire => wires[i] ?? ZERO

// generate and propagate combined by a Sklansky tree: log2(width) layers
const prefixCarries = (g: CircuitBuilder, a: readonly Wire[], b: readonly Wire[], carry: Wire): readonly Wire[] => {
  const width = a.length
  const generate = a.map((wire, i) => g.and(wire, bit(b, i)))
  const propagate = a.map((wire, i) => g.xor(wire, bit(b, i)))
  // the incoming carry joins the lowest position: g0 | p0 c (exclusive, so XOR)
  generate[0] = g.xor(bit(generate, 0), g.and(bit(propagate, 0), carry))
  for (let span = 1; span < width; span *= 2)
    for (let i = 0; i < width; i++) {
      if ((i & span) === 0) continue
      const from = (i & ~(2 * span - 1)) + span - 1
      generate[i] = g.xor(bit(generate, i), g.and(bit(propagate, i), bit(generate, from)))
      propagate[i] = g.and(bit(propagate, i), bit(propagate, from))
    }
  return generate
}

const rippleCarries = (g: CircuitBuilder, a: readonly Wire[], b: readonly Wire[], carry: Wire): readonly Wire[] => {
  const carries: Wire[] = []
  let c = carry
  for (let i = 0; i < a.length; i++) {
    c = g.xor(c, g.and(g.xor(bit(a, i), c), g.xor(bit(b, i), c)))
    carries.push(c)
  }
  return carries
}

const carriesOf = (shape: CircuitShape): typeof rippleCarries => (shape === 'small' ? rippleCarries : prefixCarries)

/** a + b + carry, modulo 2^width. */
export const sumWires = (
  g: CircuitBuilder,
  shape: CircuitShape,
  a: readonly Wire[],
  b: readonly Wire[],
  carry: Wire = ZERO,
): readonly Wire[] => {
  // the carry out of the top bit is not needed: leave its gate away
  const carries = carriesOf(shape)(g, a.slice(0, -1), b.slice(0, -1), carry)
  return a.map((wire, i) => g.xor(g.xor(wire, bit(b, i)), i === 0 ? carry : bit(carries, i - 1)))
}

/** a - b, modulo 2^width. */
export const differenceWires = (g: CircuitBuilder, shape: CircuitShape, a: readonly Wire[], b: readonly Wire[]): readonly Wire[] =>
  sumWires(
    g,
    shape,
    a,
    b.map((wire) => g.not(wire)),
    ONE,
  )

/** a < b. */
export const lessWire = (g: CircuitBuilder, shape: CircuitShape, signed: boolean, a: readonly Wire[], b: readonly Wire[]): Wire => {
  const top = a.length - 1
  const flip = (wires: readonly Wire[]): readonly Wire[] => (signed ? wires.map((wire, i) => (i === top ? g.not(wire) : wire)) : wires)
  // a - b borrows exactly when a < b: no carry out of a + ~b + 1
  const carries = carriesOf(shape)(
    g,
    flip(a),
    flip(b).map((wire) => g.not(wire)),
    ONE,
  )
  return g.not(bit(carries, top))
}

const tree = (wires: readonly Wire[], join: (a: Wire, b: Wire) => Wire): Wire => {
  let level = wires
  while (level.length > 1)
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) =>
      2 * i + 1 < level.length ? join(bit(level, 2 * i), bit(level, 2 * i + 1)) : bit(level, 2 * i),
    )
  return bit(level, 0)
}

/** a = b. */
export const equalWire = (g: CircuitBuilder, a: readonly Wire[], b: readonly Wire[]): Wire =>
  tree(
    a.map((wire, i) => g.not(g.xor(wire, bit(b, i)))),
    g.and,
  )

/** a * b, modulo 2^width. */
export const productWires = (g: CircuitBuilder, shape: CircuitShape, a: readonly Wire[], b: readonly Wire[]): readonly Wire[] => {
  const width = a.length
  let rows = a.map((_, i) => a.map((__, j) => (j < i ? ZERO : g.and(bit(a, j - i), bit(b, i)))))
  if (shape === 'small')
    return rows
      .slice(1)
      .reduce((sum, row, i) => [...sum.slice(0, i + 1), ...sumWires(g, shape, sum.slice(i + 1), row.slice(i + 1))], rows[0] ?? [])
  // carry-save adders: three rows become two, one layer each time
  while (rows.length > 2) {
    const next: Wire[][] = []
    for (let i = 0; i < rows.length; i += 3) {
      const [x, y, z] = [rows[i], rows[i + 1], rows[i + 2]]
      if (x === undefined || y === undefined || z === undefined) {
        for (const row of [x, y]) if (row !== undefined) next.push(row)
        continue
      }
      next.push(x.map((wire, j) => g.xor(g.xor(wire, bit(y, j)), bit(z, j))))
      next.push(
        Array.from({ length: width }, (_, j) =>
          j === 0 ? ZERO : g.xor(bit(x, j - 1), g.and(g.xor(bit(x, j - 1), bit(y, j - 1)), g.xor(bit(x, j - 1), bit(z, j - 1)))),
        ),
      )
    }
    rows = next
  }
  return sumWires(g, shape, rows[0] ?? [], rows[1] ?? [])
}

const cache = new Map<string, Circuit>()
const remember = (name: string, make: (key: string) => Circuit): Circuit => {
  const known = cache.get(name)
  if (known !== undefined) return known
  const made = make(name)
  cache.set(name, made)
  return made
}

type Two = (g: CircuitBuilder, a: readonly Wire[], b: readonly Wire[]) => readonly Wire[]
const two = (name: string, width: number, build: Two): Circuit =>
  remember(`${name} ${width}`, (key) => circuit(key, [width, width], (g, [a = [], b = []]) => [build(g, a, b)]))

/** Inputs a and b, output a + b. */
export const adder = (width: number, shape: CircuitShape): Circuit => two(`add ${shape}`, width, (g, a, b) => sumWires(g, shape, a, b))
/** Inputs a and b, output a - b. */
export const subtractor = (width: number, shape: CircuitShape): Circuit =>
  two(`subtract ${shape}`, width, (g, a, b) => differenceWires(g, shape, a, b))
/** Inputs a and b, output a * b. */
export const multiplier = (width: number, shape: CircuitShape): Circuit =>
  two(`multiply ${shape}`, width, (g, a, b) => productWires(g, shape, a, b))
/** Inputs a and b, one bit: a < b. */
export const lessThanCircuit = (width: number, shape: CircuitShape, signed: boolean): Circuit =>
  two(`less ${shape} ${signed ? 'signed' : 'unsigned'}`, width, (g, a, b) => [lessWire(g, shape, signed, a, b)])
/** Input a, signed, one bit: a >= 0. */
export const notNegativeCircuit = (width: number): Circuit =>
  remember(`not negative ${width}`, (key) => circuit(key, [width], (g, [a = []]) => [[g.not(bit(a, width - 1))]]))
/** Inputs a and b, one bit: a = b. */
export const equalCircuit = (width: number): Circuit => two('equal', width, (g, a, b) => [equalWire(g, a, b)])
/** Inputs a and b, output a XOR b. */
export const xorCircuit = (width: number): Circuit => two('xor', width, (g, a, b) => a.map((wire, i) => g.xor(wire, bit(b, i))))
/** Inputs a and b, output a AND b. */
export const andCircuit = (width: number): Circuit => two('and', width, (g, a, b) => a.map((wire, i) => g.and(wire, bit(b, i))))
/** Input a, output NOT a. */
export const notCircuit = (width: number): Circuit =>
  remember(`not ${width}`, (key) => circuit(key, [width], (g, [a = []]) => [a.map(g.not)]))
/** Inputs choice (one bit), a and b; output a where choice, else b. */
export const selectCircuit = (width: number): Circuit =>
  remember(`select ${width}`, (key) =>
    circuit(key, [1, width, width], (g, [choice = [], a = [], b = []]) => [a.map((wire, i) => g.mux(bit(choice, 0), wire, bit(b, i)))]),
  )
