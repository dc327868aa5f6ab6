// What masked and encrypted sums owe a node over several attempts of one round: its update is never in two sums whose difference would show one.
import { expect, test } from 'vitest'
import { weightedMean } from '../folds/weighted-mean.ts'
import type { NodeId } from '../placement.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import type { Update } from '../update.ts'
import { encrypted } from './encrypted.ts'
import { type HidingOptions, type OpenedSums, openedBefore } from './hidden.ts'
import { masked } from './masked.ts'
import { type Passing, playSum } from './masked.test-support.ts'

/** A node's memory, that a new process of it would read again. */
const memory = (): OpenedSums => {
  const kept = new Map<string, string>()
  return {
    open: async (step, nodes) => {
      const [key, sum] = [JSON.stringify(step), JSON.stringify(nodes)]
      if (!kept.has(key)) kept.set(key, sum)
      return kept.get(key) === sum
    },
  }
}

const how = weightedMean({ length: 2 })
const inputs: Readonly<Record<NodeId, Update>> = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e'].map((node, k) => [node, { values: Float32Array.of(k, -k), weight: 1 }]),
)

/** A round of five sites and its attempts, each over the sites that are there. */
const round = (make: (options: HidingOptions) => SumProtocol<'linear'>) => {
  const books = new Map(Object.keys(inputs).map((node) => [node, memory()]))
  return (there: string, step = { run: 'r', round: 1, step: 2 }, line?: (passing: Passing) => Uint8Array | 'cut') =>
    playSum({
      how,
      inputs: Object.fromEntries(Array.from(there, (node) => [node, inputs[node]!])),
      quorum: 3,
      step,
      protocol: (who) => make(who === 'server' ? {} : { opened: books.get(who)! }),
      ...(line === undefined ? {} : { line }),
    })
}

test.each<[string, (options: HidingOptions) => SumProtocol<'linear'>]>([
  ['masked', masked],
  ['encrypted', encrypted],
])('%s: a sum that was opened opens again over the same sites only, so that no two sums differ by one update', async (_, make) => {
  const attempt = round(make)
  expect((await attempt('abcde')).collected.kind).toBe('collected')
  // the round was not committed; without e the difference of the two sums would be what e sent
  const without = await attempt('abcd')
  expect(without.collected).toMatchObject({ kind: 'lostQuorum' })
  expect(without.collected).not.toHaveProperty('total')
  for (const node of 'abcd') expect(without.failures.get(node)).toMatchObject({ code: 'sum-opened', message: openedBefore().message })
  // with all of them it goes on, and other steps and rounds are other updates
  expect((await attempt('abcde')).collected.kind).toBe('collected')
  expect((await attempt('abcd', { run: 'r', round: 1, step: 4 })).collected.kind).toBe('collected')
  expect((await attempt('abcd', { run: 'r', round: 2, step: 2 })).collected.kind).toBe('collected')
})

test.each<[string, (options: HidingOptions) => SumProtocol<'linear'>]>([
  ['masked', masked],
  ['encrypted', encrypted],
])('%s: an attempt that ended before a node gave anything away binds nobody', async (_, make) => {
  const attempt = round(make)
  const lost = await attempt('abcde', undefined, ({ node, way, phase, frame }) =>
    way === 'up' && phase === 3 && node !== 'a' && node !== 'b' ? 'cut' : frame,
  )
  expect(lost.collected.kind).toBe('lostQuorum')
  expect((await attempt('abcd')).collected.kind).toBe('collected')
})
