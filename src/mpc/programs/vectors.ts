// Sums and products of two parties' vectors. Adversary: semi-honest. What leaks: the result, to both (and so, for a sum, each other's vector: that is the nature of the question).
import type { Channel } from '../../base/index.ts'
import { integers, words } from '../arithmetic/words.ts'
import { adder, multiplier } from '../circuits/integers.ts'
import { type RunOptions, runSecurely, type SecureOutcome } from '../engines/aby.ts'
import type { Party } from '../party.ts'
import type { SecureProgram, Shared } from '../secure.ts'
import { checkFits, type IntegerWidth } from './integer-width.ts'

/** What to compute, and on which shares. */
export interface VectorTask {
  readonly operation: 'add' | 'multiply'
  readonly width: IntegerWidth
  readonly length: number
  /** Default `arithmetic`; `boolean` does it bit by bit, as the original did. */
  readonly sharing?: 'arithmetic' | 'boolean'
}

/** Element by element, modulo 2^width, as signed integers. */
export const vectorProgram =
  ({
    operation,
    width,
    length,
    sharing = 'arithmetic',
  }: VectorTask): SecureProgram<{ readonly guest?: readonly bigint[]; readonly host?: readonly bigint[] }, readonly bigint[]> =>
  async (engine, input) => {
    const mine = (party: Party) => engine.held(party, () => words((input[party] ?? []).map((value) => checkFits(value, width))))
    const signed = (values: BigUint64Array): readonly bigint[] => integers(values).map((value) => BigInt.asIntN(width, value))
    if (sharing === 'arithmetic') {
      const [x, y] = [engine.share(mine('guest'), length), engine.share(mine('host'), length)]
      return signed(await engine.open(operation === 'add' ? engine.add(x, y) : await engine.multiply(x, y)))
    }
    const made = (operation === 'add' ? adder : multiplier)(width, 'shallow')
    const [out] = await engine.circuit(made, [
      engine.shareBits(mine('guest'), length, width),
      engine.shareBits(mine('host'), length, width),
    ])
    return signed(await engine.open(out as Shared<'boolean'>))
  }

/** My side of {@link vectorProgram} over `channel`. */
export const runVectors = (
  channel: Channel,
  me: Party,
  task: VectorTask,
  values: readonly bigint[],
  options: RunOptions = {},
): Promise<SecureOutcome<readonly bigint[]>> =>
  runSecurely(
    channel,
    me,
    {
      program: `vectors ${task.operation} ${task.width} ${task.length} ${task.sharing ?? 'arithmetic'}`,
      pools: { products: Math.max(1, task.length), bitGates: 128 },
      ...options,
    },
    vectorProgram(task),
    {
      [me]: values,
    },
  )
