// A fault as data, so that one process can tell it to another.
import { type Fault, YimengError } from '../../base/index.ts'

/** Nothing of a fault that is not ours but its name. */
export const faultOf = (cause: unknown): Omit<Fault, 'cause'> => {
  if (!(cause instanceof YimengError))
    return { code: 'mpc-fault', cannot: 'run party', expected: 'no fault', got: cause instanceof Error ? cause.name : 'one' }
  const { code, cannot, expected, got, where } = cause
  return { code, cannot, expected, got, where }
}
