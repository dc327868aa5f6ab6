// One error type for everything a person can mend: it says what could not be done, what was expected, what came, and where.

/** Where a fault lies. Names and positions only: never a patient's value, an update or a secret. */
export type Where = Readonly<Record<string, string | number>>

/** What a {@link YimengError} tells. `code` is stable and unique to the place that throws, so that the command line can translate it. */
export interface Fault {
  readonly code: string
  /** Verb and thing, as in `read table`. */
  readonly cannot: string
  readonly expected: string
  readonly got: string
  readonly where?: Where
  readonly cause?: unknown
}

/**
 * A fault that a person can mend: misuse, bad input, a broken peer.
 *
 * @example
 * ```ts
 * const error = new YimengError({ code: 'csv-number', cannot: 'read column', expected: 'a number', got: 'text', where: { column: 'age', row: 7 } })
 * assert.equal(error.message, 'cannot read column: expected a number, got text (column age, row 7)')
 * ```
 */
export class YimengError extends Error implements Fault {
  readonly code: string
  readonly cannot: string
  readonly expected: string
  readonly got: string
  readonly where: Where

  constructor(fault: Fault) {
    const where = fault.where ?? {}
    const place = Object.entries(where).map(([key, value]) => `${key} ${value}`)
    super(
      `cannot ${fault.cannot}: expected ${fault.expected}, got ${fault.got}${place.length === 0 ? '' : ` (${place.join(', ')})`}`,
      fault.cause === undefined ? undefined : { cause: fault.cause },
    )
    this.name = 'YimengError'
    this.code = fault.code
    this.cannot = fault.cannot
    this.expected = fault.expected
    this.got = fault.got
    this.where = where
  }
}
