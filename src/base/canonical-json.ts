// One spelling for each JSON value, so that equal values have equal hashes (RFC 8785: keys sorted by UTF-16 code units, no white space, numbers as ECMAScript prints them).
import { YimengError } from './errors.ts'

/**
 * The one JSON text of a value: null, booleans, finite numbers, texts, arrays and plain records of these. Keys whose value is `undefined` are left out; −0 is 0.
 *
 * @throws YimengError `canonical-json` for anything else (NaN, Infinity, bigint, dates, maps, typed arrays, cycles), with its path.
 *
 * @example
 * ```ts
 * assert.equal(canonicalJson({ b: [1, 2.50], a: null }), '{"a":null,"b":[1,2.5]}')
 * ```
 */
export const canonicalJson = (value: unknown): string => spell(value, '$', [])

const spell = (value: unknown, path: string, above: readonly object[]): string => {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value)
  if (typeof value === 'object') {
    if (above.includes(value)) throw refusal('a cycle', path)
    const inside = [...above, value]
    if (Array.isArray(value)) return `[${Array.from(value, (item: unknown, i) => spell(item, `${path}[${i}]`, inside)).join(',')}]`
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) throw refusal(Object.prototype.toString.call(value), path)
    const record = value as Readonly<Record<string, unknown>>
    const keys = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
    return `{${keys.map((key) => `${spell(key, path, inside)}:${spell(record[key], `${path}.${key}`, inside)}`).join(',')}}`
  }
  throw refusal(typeof value === 'number' ? String(value) : typeof value === 'string' ? 'half of a surrogate pair' : typeof value, path)
}

const refusal = (got: string, path: string): YimengError =>
  new YimengError({ code: 'canonical-json', cannot: 'write JSON', expected: 'a JSON value', got, where: { path } })
