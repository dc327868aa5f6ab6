// What a party in a process of its own tells its parent; a fault as data, so that one process can tell it to another.
import { type Fault, YimengError } from '../../base/index.ts'

/** Tells the parent process, and resolves when all of it is on its way: a large outcome would be lost by ending at once. */
export const tellParent = (message: object): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })

/** Nothing of a fault that is not ours but its name. */
export const faultOf = (cause: unknown): Omit<Fault, 'cause'> => {
  if (!(cause instanceof YimengError))
    return { code: 'mpc-fault', cannot: 'run party', expected: 'no fault', got: cause instanceof Error ? cause.name : 'one' }
  const { code, cannot, expected, got, where } = cause
  return { code, cannot, expected, got, where }
}
