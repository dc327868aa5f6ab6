// How a projection keeps located values: tokens to the program, values to the projection alone. A cast opens nothing.
import { YimengError } from '../base/index.ts'
import type { At } from './placement.ts'

type Place = 'server' | 'clients'

/** The located values of one projection of one round. */
export interface Located {
  /** A value that lives here. */
  readonly hold: <P extends Place, T>(place: P, value: T) => At<P, T>
  /** A value that lives at the other side: nothing is known of it here. */
  readonly elsewhere: <P extends Place, T>(place: P) => At<P, T>
  /** The value of a token of this round that lives at `here`. Throws `located` for any other. */
  readonly open: <P extends Place, T>(place: P, x: At<P, T>) => T
  /** Throws `located` unless all are tokens of this round that live at `place`. */
  readonly check: (place: Place, xs: readonly unknown[]) => void
}

/** Located values of a fresh projection that runs at `here`. */
export const located = (here: Place): Located => {
  const cells = new WeakMap<object, { readonly place: Place; readonly value: unknown }>()
  const token = <P extends Place, T>(place: P, value: unknown): At<P, T> => {
    const x = Object.freeze({})
    cells.set(x, { place, value })
    return x as At<P, T>
  }
  const cell = (place: Place, x: unknown): { readonly value: unknown } => {
    const found = typeof x === 'object' && x !== null ? cells.get(x) : undefined
    if (found?.place === place) return found
    throw new YimengError({
      code: 'located',
      cannot: 'use value in round',
      expected: `a value of this round that lives at the ${place}`,
      got: found === undefined ? 'one of no or another round' : `one at the ${found.place}`,
    })
  }
  return {
    hold: token,
    elsewhere: (place) => token(place, undefined),
    open: <P extends Place, T>(place: P, x: At<P, T>) => {
      const { value } = cell(place, x)
      if (place !== here)
        throw new YimengError({
          code: 'located',
          cannot: 'open value',
          expected: `one that lives at the ${here}`,
          got: `one at the ${place}`,
        })
      return value as T
    },
    check: (place, xs) => {
      for (const x of xs) cell(place, x)
    },
  }
}
