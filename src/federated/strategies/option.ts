// Options of strategies: refused when they are made, by name.
import { YimengError } from '../../base/index.ts'

/**
 * The option's value, if it is inside.
 *
 * @throws YimengError `strategy-option` otherwise.
 */
export const option = (of: string, name: string, value: number, inside: boolean, expected: string): number => {
  if (inside) return value
  throw new YimengError({ code: 'strategy-option', cannot: `make ${of}`, expected: `${name} ${expected}`, got: String(value) })
}

/** A finite number above 0. */
export const positive = (of: string, name: string, value: number): number =>
  option(of, name, value, value > 0 && value < Number.POSITIVE_INFINITY, 'a finite number above 0')

/** A finite number from 0. */
export const nonNegative = (of: string, name: string, value: number): number =>
  option(of, name, value, value >= 0 && value < Number.POSITIVE_INFINITY, 'a finite number from 0')

/** A whole number from 1. */
export const count = (of: string, name: string, value: number): number =>
  option(of, name, value, Number.isSafeInteger(value) && value >= 1, 'a whole number from 1')
