// Several real processes over TLS, and the account of what was asked.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { countHere } from './count.ts'
import { chargeQuestions } from './question-budget.ts'

const named = (from: number, to: number): readonly string[] => Array.from({ length: to - from }, (_, i) => `client ${from + i}`)
const account = (): string => join(mkdtempSync(join(tmpdir(), 'yimeng-asked-')), 'questions', 'bank.txt')

test('three processes: party 0 learns at how many others each of its items occurs, the others nothing', { timeout: 180_000 }, async () => {
  const lists = [named(0, 20), named(10, 40), named(15, 18)]
  const spec = { parties: 3, maxItems: 100 }
  const [first, ...others] = await countHere(lists.map((items, me) => ({ me, spec, items })))
  expect(first?.counts).toEqual((lists[0] ?? []).map((item) => lists.slice(1).filter((list) => list.includes(item)).length))
  expect(others.map(({ counts }) => counts)).toEqual([undefined, undefined])
})

test('a party that has been asked too much refuses, and all stop', { timeout: 180_000 }, async () => {
  const budget = { file: account(), items: 25 }
  const lists = [named(0, 20), named(10, 40)]
  const ask = () =>
    countHere(lists.map((items, me) => ({ me, spec: { parties: 2, maxItems: 100 }, items, ...(me === 1 ? { budget } : {}) })))
  expect((await ask())[0]?.counts).toHaveLength(20)
  await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/psi-budget|mpc-peer-stopped/) })
})

test('questions are charged once, added up, and stay charged when they were refused', async () => {
  const file = account()
  await chargeQuestions(file, 10, 4)
  await chargeQuestions(file, 10, 6)
  await expect(chargeQuestions(file, 10, 1)).rejects.toMatchObject({ code: 'psi-budget' })
  await expect(chargeQuestions(file, 10, 0)).rejects.toMatchObject({ code: 'psi-budget' })
  await chargeQuestions(file, 11, 0)
})
