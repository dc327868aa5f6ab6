// Every fault has words in every language, and none has words that is never thrown.
import { expect, test } from 'vitest'
import { YimengError } from '../../base/index.ts'
import { resolveSpec } from '../../tasks/index.ts'
import type { FaultWords } from './fault-words.ts'
import { faultsZhCN, tellZhCN } from './faults-zh-CN.ts'
import { faultsZhTW, tellZhTW } from './faults-zh-TW.ts'
import { thrownCodes } from './thrown-codes.suite.ts'

/** Codes that no fault carries to a person, and why. */
const unseen: Readonly<Record<string, string>> = {
  invalid_value: 'an issue of the schema, told as spec-value',
  usage: 'wrong arguments, told in the words of the options',
  stopped: 'said in words of its own, with the way to go on',
}

const root = new URL('../../../', import.meta.url)
const thrown = thrownCodes(root)

test('the codes that are thrown are found', () => {
  expect(thrown.size).toBeGreaterThan(300)
  // a literal, a choice, a constant, a maker of faults, a maker that adds a prefix, a refusal over HTTP
  for (const code of ['csv-ragged-row', 'engine-session', 'refused', 'mpc-greeting', 'image-codec', 'update-weight', 'model-none'])
    expect([...thrown.keys()]).toContain(code)
})

test.each([
  ['zh-CN', faultsZhCN],
  ['zh-TW', faultsZhTW],
] as const)('in %s every fault that is thrown has words, and no other', (_, words: FaultWords) => {
  const wordless = [...thrown].filter(([code]) => !(code in unseen || Object.hasOwn(words.cannot, code)))
  expect(wordless.map(([code, files]) => `${code} (${files.join(', ')})`)).toEqual([])
  expect(Object.keys(words.cannot).filter((code) => !thrown.has(code))).toEqual([])
  expect(Object.keys(unseen).filter((code) => !thrown.has(code) || Object.hasOwn(words.cannot, code))).toEqual([])
})

test('both languages know the same phrases and places', () => {
  const patterns = ({ phrases }: FaultWords) => phrases.map(([pattern]) => pattern.source)
  expect(patterns(faultsZhTW)).toEqual(patterns(faultsZhCN))
  expect(new Set(patterns(faultsZhCN)).size).toBe(faultsZhCN.phrases.length)
  expect(Object.keys(faultsZhTW.where)).toEqual(Object.keys(faultsZhCN.where))
})

test('a replacement uses what its pattern keeps', () => {
  for (const [pattern, replacement] of [...faultsZhCN.phrases, ...faultsZhTW.phrases]) {
    const kept = pattern.source.match(/(?<!\\)\((?!\?)/g)?.length ?? 0
    for (const [, group] of replacement.matchAll(/\$(\d)/g)) expect(Number(group), pattern.source).toBeLessThanOrEqual(kept)
  }
})

test('a fault of an alliance reads as a sentence', () => {
  const fault = new YimengError({
    code: 'invitation-used',
    cannot: 'join',
    expected: 'a code that is still good',
    got: 'one that was used',
    where: { address: 'https://localhost:7443' },
  })
  expect(tellZhCN(fault)).toBe('无法加入联盟：应为 有效的邀请码，实际为 已使用的邀请码（地址 https://localhost:7443）')
  expect(tellZhTW(fault)).toBe('無法加入聯盟：應為 有效的邀請碼，實際為 已使用的邀請碼（位址 https://localhost:7443）')
})

test('a fault that another process told is translated too', () => {
  const told = new YimengError({ code: 'csv-number', cannot: 'read column age', expected: 'a number', got: 'text', where: { row: 7 } })
  const fault = new YimengError({ code: 'csv-number', cannot: 'finish run', expected: 'a model', got: told.message, where: { run: 'r1' } })
  expect(tellZhCN(fault)).toBe('无法读取列 age：应为 数字，实际为 文本（运行 r1，行 7）')
})

test.each([
  [{ privacy: { noise: 'dp-sgd', epsilon: 2, unit: 'site' } }, 'record 或 patient'],
  [{ privacy: { noise: 'dp-sgd', epsilon: 2 }, strategy: { name: 'qfedavg' } }, '以私有步訓練出的模型'],
  [{ privacy: { noise: 'dp-sgd', epsilon: 2 }, model: { kind: 'gru' } }, '每個時間步'],
  [{ privacy: { noise: 'dp-sgd', epsilon: 2 }, local: { sampling: 'balanced' } }, '獨立抽樣'],
  [{ privacy: { noise: 'local', epsilon: 2, colluding: 1 } }, '除 distributed'],
  [{ preprocessing: { statistics: 'noised' } }, 'exact 或 public'],
  [{ sum: 'masked', strategy: { name: 'fedmedian' } }, 'fedmedian'],
  [{ privacy: { epsilon: 2, noise: 'distributed' } }, '明文求和'],
] as const)('why %j is refused is told in both scripts', (lines, words) => {
  const input = { task: 'iris', cohort: { size: 5 }, ...lines } as Parameters<typeof resolveSpec>[0]
  let refused: unknown
  try {
    resolveSpec(input)
  } catch (error) {
    refused = error
  }
  expect(refused).toBeInstanceOf(YimengError)
  if (!(refused instanceof YimengError)) return
  expect(tellZhTW(refused)).toContain(words)
  // no English sentence is left
  for (const told of [tellZhCN(refused), tellZhTW(refused)]) expect(told).not.toMatch(/\b(the|of|that|which|nothing) /)
})
