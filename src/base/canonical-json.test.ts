import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { YimengError } from './errors.ts'

test('the examples of RFC 8785', () => {
  // section 3.2.2
  const example = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  }
  expect(canonicalJson(example)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  // section 3.2.3: sorted by UTF-16 code units, so that an emoji (a surrogate pair) comes before U+FB33
  const keys = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji',
    '\u0080': 'Control',
    '\u00f6': 'o',
  }
  expect(Object.values(JSON.parse(canonicalJson(Object.entries(keys))) as [string, string][]).length).toBe(7)
  const order = [...canonicalJson(keys).matchAll(/:"([^"]*)"/g)].map((match) => match[1])
  expect(order).toEqual(['Carriage Return', 'One', 'Control', 'o', 'Euro Sign', 'Emoji', 'Hebrew Letter Dalet With Dagesh'])
})

test('reads back as the same value; a second spelling is the same; the order of keys does not matter', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.string(), fc.integer()), { selector: ([key]) => key }), (entries) => {
      expect(canonicalJson(Object.fromEntries(entries))).toBe(canonicalJson(Object.fromEntries(entries.toReversed())))
    }),
  )
})

test('what JSON cannot say is refused with its path', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  for (const value of [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    undefined,
    () => 0,
    Symbol('s'),
    new Date(0),
    new Map(),
    Float32Array.of(1),
    cycle,
    '\ud800',
    [undefined],
  ])
    expect(() => canonicalJson(value)).toThrow(YimengError)
  expect(() => canonicalJson({ a: [{ b: Number.NaN }] })).toThrow('cannot write JSON: expected a JSON value, got NaN (path $.a[0].b)')
  expect(canonicalJson({ a: undefined, b: -0 })).toBe('{"b":0}')
  const twice = { a: 1 }
  expect(canonicalJson([twice, twice])).toBe('[{"a":1},{"a":1}]')
})
