// Signed integers of 32 or 64 bits, as the original's tests use them.
import { YimengError } from '../../base/index.ts'

/** Bits of an integer. */
export type IntegerWidth = 32 | 64

/** @throws YimengError `mpc-range` unless `value` is a signed integer of `width` bits. The message does not show it. */
export const checkFits = (value: bigint | undefined, width: IntegerWidth): bigint => {
  if (value === undefined || BigInt.asIntN(width, value) !== value)
    throw new YimengError({
      code: 'mpc-range',
      cannot: 'share integer',
      expected: `a signed integer of ${width} bits`,
      got: value === undefined ? 'none' : 'another one',
    })
  return value
}
