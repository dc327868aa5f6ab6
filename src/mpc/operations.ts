// Comparison, equality, selection and the like, written once from circuits for Boolean and Yao shares: shallow circuits for XOR shares, small ones for garbling.
// Adversary and leakage: those of the engine.
import { type Circuit, circuit } from './circuits/circuit.ts'
import { type CircuitShape, equalCircuit, lessThanCircuit, selectCircuit } from './circuits/integers.ts'
import { orderCircuit, sortStages } from './circuits/selection.ts'
import type { Secure, Shared } from './secure.ts'

/** Integers in two's complement, or unsigned. */
export interface Signedness {
  readonly signed: boolean
}

type Bits = 'boolean' | 'yao'

/** The circuit shape that suits a sharing. */
export const shapeFor = (kind: Bits): CircuitShape => (kind === 'yao' ? 'small' : 'shallow')

const one = async <K extends Bits>(engine: Secure, made: Circuit, inputs: readonly Shared<K>[]): Promise<Shared<K>> => {
  const [first] = await engine.circuit(made, inputs)
  return first as Shared<K>
}

/** One bit: x < y. */
export const lessThan = <K extends Bits>(engine: Secure, x: Shared<K>, y: Shared<K>, { signed }: Signedness): Promise<Shared<K>> =>
  one(engine, lessThanCircuit(x.width, shapeFor(x.kind), signed), [x, y])

/** One bit: x > y. */
export const greaterThan = <K extends Bits>(engine: Secure, x: Shared<K>, y: Shared<K>, signedness: Signedness): Promise<Shared<K>> =>
  lessThan(engine, y, x, signedness)

/** One bit: x = y. */
export const equal = <K extends Bits>(engine: Secure, x: Shared<K>, y: Shared<K>): Promise<Shared<K>> =>
  one(engine, equalCircuit(x.width), [x, y])

/** x where `choice` (one bit), else y. */
export const select = <K extends Bits>(engine: Secure, choice: Shared<K>, x: Shared<K>, y: Shared<K>): Promise<Shared<K>> =>
  one(engine, selectCircuit(x.width), [choice, x, y])

/** The larger of both, element by element. */
export const maximum = async <K extends Bits>(engine: Secure, x: Shared<K>, y: Shared<K>, signedness: Signedness): Promise<Shared<K>> =>
  select(engine, await greaterThan(engine, x, y, signedness), x, y)

/** The smaller of both, element by element. */
export const minimum = async <K extends Bits>(engine: Secure, x: Shared<K>, y: Shared<K>, signedness: Signedness): Promise<Shared<K>> =>
  select(engine, await lessThan(engine, x, y, signedness), x, y)

/** Repeats the top bit up to `width`: no gate. */
export const signExtend = <K extends Bits>(engine: Secure, x: Shared<K>, width: number): Promise<Shared<K>> =>
  one(
    engine,
    circuit('sign extend', [x.width], (_, [wires = []]) => [
      Array.from({ length: width }, (__, i) => wires[Math.min(i, wires.length - 1)] as number),
    ]),
    [x],
  )

/** The elements in ascending order, by Batcher's network: about n log2(n)^2 / 4 comparisons and exchanges, stage by stage, so that no large circuit is ever built. */
export const sorted = async <K extends Bits>(engine: Secure, x: Shared<K>, { signed }: Signedness): Promise<Shared<K>> => {
  const order = orderCircuit(x.width, shapeFor(x.kind), signed)
  let list = x
  for (const pairs of sortStages(x.length)) {
    const [low, high] = await engine.circuit(
      order,
      [0, 1].map((side) =>
        engine.gather(
          [list],
          pairs.map((pair) => pair[side] as number),
        ),
      ),
    )
    const places = Array.from({ length: x.length }, (_, i) => i)
    pairs.forEach(([i, j], k) => {
      places[i] = x.length + k
      places[j] = x.length + pairs.length + k
    })
    list = engine.gather([list, low as Shared<K>, high as Shared<K>], places)
  }
  return list
}
