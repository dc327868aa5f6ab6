// Training that ends without a model: a run that diverged or lost its quorum is a result of its method, and no reason to give up a whole comparison.
import { type Fault, YimengError } from '../base/index.ts'

/** Why a run ended without a model, as plain data: `diverged`, `round-quorum`, … */
export type Failure = Required<Omit<Fault, 'cause'>>

/**
 * The failure that an error tells of, if training itself failed: it diverged, or a round could not be finished. Undefined for everything that would befall every method alike: a spec or data
 * that cannot be used, a full disk, a stop that was asked for.
 *
 * @example
 * ```ts
 * const diverged = new YimengError({ code: 'diverged', cannot: 'train', expected: 'a finite loss', got: 'NaN', where: { round: 3 } })
 * assert.equal(failureOf(diverged)?.code, 'diverged')
 * assert.equal(failureOf(new Error('disk full')), undefined)
 * ```
 */
export const failureOf = (error: unknown): Failure | undefined => {
  if (!(error instanceof YimengError)) return undefined
  const { code, cannot, expected, got, where } = error
  return code === 'diverged' || typeof where['round'] === 'number' ? { code, cannot, expected, got, where } : undefined
}
