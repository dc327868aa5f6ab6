// Events as JSON: what journals keep and nodes exchange. Reading checks every number, because an accountant believes what an event says.
import { type Codec, jsonCodec, YimengError } from '../base/index.ts'
import type { DpEvent } from './events.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads an event from parsed JSON.
 *
 * @throws YimengError `dp-event` with the path of the field that is missing, superfluous or out of range.
 *
 * @example
 * ```ts
 * const event = parseDpEvent({ kind: 'repeated', count: 50, event: { kind: 'gaussian', noiseMultiplier: 1.2 } })
 * assert.equal(event.kind, 'repeated')
 * assert.throws(() => parseDpEvent({ kind: 'poissonSampled', probability: 2, event }), /a number from 0 to 1, got 2 \(path \$\.probability\)/)
 * ```
 */
export const parseDpEvent = (value: unknown): DpEvent => parse(value, '$')

/** Events as canonical JSON text in UTF-8. Decoding throws `dp-event` and `codec-json`. */
export const dpEventCodec: Codec<DpEvent> = jsonCodec(parseDpEvent)

const refuse = (expected: string, got: unknown, path: string): YimengError => {
  const shown =
    typeof got === 'number' || typeof got === 'string' || typeof got === 'boolean'
      ? String(got)
      : got === undefined
        ? 'nothing'
        : typeof got
  return new YimengError({ code: 'dp-event', cannot: 'read privacy event', expected, got: shown, where: { path } })
}

const number = (fields: Fields, name: string, path: string, expected: string, fits: (x: number) => boolean): number => {
  const value = fields[name]
  if (typeof value === 'number' && Number.isFinite(value) && fits(value)) return value
  throw refuse(expected, value, `${path}.${name}`)
}
const amount = (fields: Fields, name: string, path: string): number => number(fields, name, path, 'a finite number from 0', (x) => x >= 0)
const positive = (fields: Fields, name: string, path: string): number => number(fields, name, path, 'a finite number above 0', (x) => x > 0)
const integer = (fields: Fields, name: string, path: string, least: number): number =>
  number(fields, name, path, `an integer from ${least}`, (x) => Number.isSafeInteger(x) && x >= least)

const parse = (value: unknown, path: string): DpEvent => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('a record with a kind', value, path)
  const fields = value as Fields
  const event = read(fields, path)
  for (const name of Object.keys(fields)) if (!(name in event)) throw refuse(`only fields of ${event.kind}`, name, path)
  return event
}

const read = (f: Fields, path: string): DpEvent => {
  const inside = (): DpEvent => parse(f['event'], `${path}.event`)
  const kind = f['kind'] as DpEvent['kind']
  switch (kind) {
    case 'none':
    case 'nonPrivate':
      return { kind }
    case 'unsupported':
      if (typeof f['what'] !== 'string') throw refuse('a text', f['what'], `${path}.what`)
      return { kind, what: f['what'] }
    case 'gaussian':
    case 'laplace':
      return { kind, noiseMultiplier: amount(f, 'noiseMultiplier', path) }
    case 'discreteGaussian': {
      const noiseMultiplier = amount(f, 'noiseMultiplier', path)
      return { kind, noiseMultiplier, sensitivity: positive(f, 'sensitivity', path), dimension: integer(f, 'dimension', path, 1) }
    }
    case 'distributedDiscreteGaussian': {
      const noiseMultiplier = amount(f, 'noiseMultiplier', path)
      const shape = { sensitivity: positive(f, 'sensitivity', path), dimension: integer(f, 'dimension', path, 1) }
      return { kind, noiseMultiplier, ...shape, parties: integer(f, 'parties', path, 1) }
    }
    case 'discreteLaplace':
      return { kind, noiseMultiplier: amount(f, 'noiseMultiplier', path), sensitivity: integer(f, 'sensitivity', path, 1) }
    case 'exponential':
      return { kind, epsilon: amount(f, 'epsilon', path) }
    case 'poissonSampled':
      return { kind, probability: number(f, 'probability', path, 'a number from 0 to 1', (x) => x >= 0 && x <= 1), event: inside() }
    case 'fixedSizeSampled': {
      const population = integer(f, 'population', path, 1)
      const replacement = f['replacement']
      if (replacement !== undefined && typeof replacement !== 'boolean') throw refuse('true or false', replacement, `${path}.replacement`)
      const most = replacement === true ? Number.MAX_SAFE_INTEGER : population
      const sample = number(f, 'sample', path, `an integer from 0 to ${most}`, (x) => Number.isSafeInteger(x) && x >= 0 && x <= most)
      return { kind, population, sample, ...(replacement === undefined ? {} : { replacement }), event: inside() }
    }
    case 'repeated':
      return { kind, count: integer(f, 'count', path, 0), event: inside() }
    case 'composed': {
      const events = f['events']
      if (!Array.isArray(events)) throw refuse('a list of events', events, `${path}.events`)
      return { kind, events: events.map((e: unknown, i) => parse(e, `${path}.events[${i}]`)) }
    }
    default:
      throw refuse('a known kind', kind satisfies never, `${path}.kind`)
  }
}
