// Misuse of a secure engine, alike in all engines: lengths and widths that do not fit.
import { YimengError } from '../base/index.ts'
import type { Circuit } from './circuits/circuit.ts'
import type { Shared, Sharing } from './secure.ts'

/** @throws YimengError `mpc-shape` unless both have one length. */
export const checkSameLength = (doing: string, x: { readonly length: number }, y: { readonly length: number }): void => {
  if (x.length !== y.length)
    throw new YimengError({
      code: 'mpc-shape',
      cannot: doing,
      expected: 'vectors of one length',
      got: `${x.length} and ${y.length} elements`,
    })
}

/** @throws YimengError `mpc-shape` unless a held vector has the length that was announced. */
export const checkAnnounced = (values: { readonly length: number }, length: number): void => {
  if (values.length !== length)
    throw new YimengError({ code: 'mpc-shape', cannot: 'share vector', expected: `${length} elements`, got: `${values.length}` })
}

/** @throws YimengError `mpc-shape` unless the parts have one width, which it returns, and all places are in them. */
export const checkPlaces = (parts: readonly Shared<Sharing>[], places: readonly number[]): number => {
  const width = parts[0]?.width ?? 0
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (parts.some((part) => part.width !== width) || places.some((place) => !(Number.isInteger(place) && place >= 0 && place < length)))
    throw new YimengError({
      code: 'mpc-shape',
      cannot: 'gather elements',
      expected: `parts of one width and places below ${length}`,
      got: parts.map((part) => `${part.width} bits x ${part.length}`).join(', '),
    })
  return width
}

/** @throws YimengError `mpc-shape` unless the inputs fit the circuit and have one length, which it returns. */
export const checkInputs = (circuit: Circuit, inputs: readonly Shared<Sharing>[]): number => {
  const length = inputs[0]?.length ?? 0
  const fits = inputs.length === circuit.inputs.length && inputs.every((x, i) => x.width === circuit.inputs[i] && x.length === length)
  if (!fits)
    throw new YimengError({
      code: 'mpc-shape',
      cannot: `evaluate circuit ${circuit.name}`,
      expected: `inputs of ${circuit.inputs.join(', ')} bits and one length`,
      got: inputs.map((x) => `${x.width} bits x ${x.length}`).join(', '),
    })
  return length
}
