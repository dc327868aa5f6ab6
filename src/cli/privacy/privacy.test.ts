import { expect, test } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Language } from '../../judge/words.ts'
import { setPolicy, siteLedger } from '../../node/index.ts'
import { rdp } from '../../privacy/index.ts'
import type { Act } from '../options.ts'
import { privacyCommands } from '../privacy-commands.ts'
import { terminal } from '../terminal.ts'

/** Runs one command line and gives what it says and its JSON. */
const told = async (language: Language, ...words: readonly string[]) => {
  const lines: string[] = []
  let json: Readonly<Record<string, unknown>> = {}
  const voice = {
    ...terminal(language, false, false),
    say: (line = '') => void lines.push(line),
    result: (value: typeof json) => void (json = value),
  }
  const act: Act = (_, work) => work(voice)
  const root = new Command('yimeng').exitOverride()
  for (const command of privacyCommands(language, act, (one) => one.exitOverride(), [])) root.addCommand(command)
  await root.parseAsync(['node', 'yimeng', ...words])
  return { text: lines.join('\n'), json }
}

test('plan prints the noise that keeps the budget', async () => {
  const { text, json } = await told('en', 'privacy', 'plan', '--epsilon', '3', '--rounds', '50', '--poisson', '0.1')
  expect(json).toMatchObject({ command: 'privacy plan', delta: 1e-5, rounds: 50 })
  expect(json['noiseMultiplier']).toBeCloseTo(1.453, 2)
  expect(text).toContain('noise multiplier 1.453')
  expect(text).toContain('nobody but the sampler')
})

test('plan by pld needs less noise for the same ε', async () => {
  const plan = ['privacy', 'plan', '--epsilon', '1', '--rounds', '4'] as const
  const [{ json: loose }, { text, json }] = [await told('en', ...plan), await told('en', ...plan, '--accountant', 'pld')]
  expect(json).toMatchObject({ accountant: 'pld', rounds: 4 })
  expect(Number(json['noiseMultiplier'])).toBeLessThan(0.95 * Number(loose['noiseMultiplier']))
  expect(Number(json['epsilon'])).toBeGreaterThan(0.999)
  expect(text).toContain('by pld')
})

test.each(['zh-CN', 'zh-TW'] as const)('plan speaks %s', async (language) => {
  const { text } = await told(language, 'privacy', 'plan', '--epsilon', '3', '--rounds', '5')
  expect(text).toMatch(/倍數|倍数/)
})

test.each([
  ['--epsilon', '0'],
  ['--epsilon', 'much'],
  ['--rounds', '1.5'],
  ['--delta', '1'],
  ['--poisson', '2'],
])('plan refuses %s %s', async (option, value) => {
  const words = { '--epsilon': '3', '--rounds': '5', [option]: value }
  await expect(told('en', 'privacy', 'plan', ...Object.entries(words).flat())).rejects.toThrow(`${option}: a number in range, got ${value}`)
})

test('ledger prints what a site has spent over all runs, against its budget', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-privacy-'))
  const event = { kind: 'gaussian', noiseMultiplier: 5 } as const
  const ledger = await siteLedger(folder)
  for (const run of ['a', 'b'])
    await ledger.charge({ run, round: 1, attempt: 1 }, { event, budget: { epsilon: 9, delta: 1e-5 }, unit: 'patient', accountant: rdp() })
  await ledger.close()
  await setPolicy(folder, { budget: { unit: 'patient', epsilon: 10, delta: 1e-6 } })
  const epsilon = rdp().epsilon({ kind: 'repeated', event, count: 2 }, 1e-6)
  const { text, json } = await told('en', 'privacy', 'ledger', folder)
  expect(json).toMatchObject({ command: 'privacy ledger', units: { patient: { charges: 2, epsilon } } })
  expect(text).toContain(`of 10, 2 charges`)
  expect((await told('zh-TW', 'privacy', 'ledger', folder)).text).toContain('記帳 2 次')
  await expect(told('en', 'privacy', 'ledger', join(folder, 'nowhere'))).rejects.toThrow(/no private round/)
  await rm(folder, { recursive: true })
})
