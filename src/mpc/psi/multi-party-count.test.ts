import { expect, test } from 'vitest'
import { type Channel, memoryChannels, seed } from '../../base/index.ts'
import { countAcross, type CountSpec } from './multi-party-count.ts'

const mesh = (parties: number): readonly Map<number, Channel>[] => {
  const all = Array.from({ length: parties }, () => new Map<number, Channel>())
  for (let i = 0; i < parties; i++)
    for (let j = i + 1; j < parties; j++) {
      const [a, b] = memoryChannels()
      all[i]?.set(j, a)
      all[j]?.set(i, b)
    }
  return all
}

const run = (spec: CountSpec, lists: readonly (readonly string[])[]) => {
  const channels = mesh(lists.length)
  return Promise.allSettled(
    lists.map((items, me) => countAcross(me, channels[me] as Map<number, Channel>, spec, items, { timeoutMs: 20_000 })),
  )
}
const values = <T>(outcomes: readonly PromiseSettledResult<T>[]): readonly T[] =>
  outcomes.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })

const random = seed(9).random()
const lists = Array.from({ length: 5 }, () => Array.from({ length: 60 }, (_, i) => `+86 13${i}`).filter(() => random.uniform() < 0.5))
const expected = (lists[0] ?? []).map((item) => lists.slice(1).filter((list) => list.includes(item)).length)

test('five banks: the one that asks learns the counts of its own applicants, the others nothing', async () => {
  const [asked, ...others] = values(await run({ parties: 5, maxItems: 100 }, lists))
  expect(asked).toEqual(expected)
  expect(others).toEqual([undefined, undefined, undefined, undefined])
})

test('with a threshold it learns only who reaches it', async () => {
  const [asked] = values(await run({ parties: 5, maxItems: 100, threshold: 3 }, lists))
  expect(asked).toEqual(expected.map((count) => (count >= 3 ? 1 : 0)))
})

test('three parties, one of them with an empty list', async () => {
  expect(values(await run({ parties: 3, maxItems: 10 }, [['a', 'b'], [], ['b', 'c']]))[0]).toEqual([0, 1])
})

test('with one other party: who of mine is there too', async () => {
  expect(
    values(
      await run({ parties: 2, maxItems: 10 }, [
        ['a', 'b', 'c'],
        ['c', 'a', 'x'],
      ]),
    ),
  ).toEqual([[1, 0, 1], undefined])
})

test('what party 1 sees of the others is random: the same bits do not come twice', async () => {
  const seen = async (): Promise<string> => {
    const channels = mesh(3)
    const line = channels[1]?.get(2) as Channel
    let bytes = ''
    channels[1]?.set(2, {
      ...line,
      receive: async (signal) => {
        const frame = await line.receive(signal)
        bytes += Buffer.from(frame).toString('latin1', 12)
        return frame
      },
    })
    await Promise.all(
      [['a'], ['a'], ['a', 'b']].map((items, me) =>
        countAcross(me, channels[me] as Map<number, Channel>, { parties: 3, maxItems: 9 }, items),
      ),
    )
    return bytes
  }
  const [one, other] = [await seen(), await seen()]
  expect(one).toHaveLength(8 * 34)
  const same = Array.from({ length: one.length }, (_, i) => one[i] === other[i]).filter(Boolean)
  expect(same.length).toBeLessThan(20)
})

test('too long a list, equal items, a missing channel: refused', async () => {
  const outcomes = await run({ parties: 3, maxItems: 2 }, [['a'], ['b'], ['c', 'd', 'e']])
  expect(outcomes.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected'])
  await expect(countAcross(0, new Map(), { parties: 3, maxItems: 2 }, ['a'])).rejects.toMatchObject({ code: 'psi-parties' })
  await expect(countAcross(0, mesh(3)[0] as Map<number, Channel>, { parties: 3, maxItems: 2 }, ['a', 'a'])).rejects.toMatchObject({
    code: 'psi-equal',
  })
})
