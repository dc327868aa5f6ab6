import { expect, test } from 'vitest'
import { statisticsSumOf, sumOf } from './sum-line.ts'

test('a spec names its protocol; Paillier has none where nobody is there to deal its key', () => {
  expect(sumOf({ sum: 'plain' }).name).toBe('plain')
  expect(sumOf({ sum: 'masked' })).toMatchObject({ name: 'masked', carries: 'linear' })
  expect(sumOf({ sum: 'encrypted', encryption: 'ckks' })).toMatchObject({ name: 'encrypted', carries: 'linear' })
  expect(() => sumOf({ sum: 'encrypted', encryption: 'paillier' })).toThrow(expect.objectContaining({ code: 'sum-dealer' }))
  // the statistics of round 0 need no dealer
  expect(statisticsSumOf({ sum: 'encrypted' }).name).toBe('encrypted')
})
