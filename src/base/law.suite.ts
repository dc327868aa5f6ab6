// Laws as values: a suite registers them as tests, and the test of a suite shows that a broken implementation breaks them.
import { describe, test } from 'vitest'

/** A named property. `check` throws where it does not hold. */
export interface Law {
  readonly name: string
  readonly check: () => void | Promise<void>
}

/** Registers laws as the tests of one block. */
export const registerLaws = (title: string, laws: readonly Law[]): void => {
  describe(title, () => {
    for (const { name, check } of laws) test(name, check)
  })
}

/** Names of the laws that do not hold. */
export const brokenLaws = async (laws: readonly Law[]): Promise<readonly string[]> => {
  const broken: string[] = []
  for (const { name, check } of laws) {
    try {
      await check()
    } catch {
      broken.push(name)
    }
  }
  return broken
}
