import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { YimengError } from '../base/index.ts'
import { place } from './command.suite.ts'
import { chooseLanguage, languageArgument, languageOf, languages } from './language.ts'
import { textsOf } from './messages/index.ts'

test.each([
  ['zh_CN.UTF-8', 'zh-CN'],
  ['zh_SG', 'zh-CN'],
  ['zh', 'zh-CN'],
  ['zh_TW.UTF-8', 'zh-TW'],
  ['zh_HK.UTF-8', 'zh-TW'],
  ['zh-MO', 'zh-TW'],
  ['zh-Hant', 'zh-TW'],
  ['zh-Hans-HK', 'zh-CN'],
  ['en_GB.UTF-8', 'en'],
  ['de_DE', 'en'],
  ['C.UTF-8', 'en'],
  ['POSIX', 'en'],
])('%s is read in %s', (locale, language) => expect(languageOf(locale)).toBe(language))

test('--lang wins over the locale, LC_ALL over LANG', () => {
  expect(chooseLanguage(['run', '--lang', 'zh-TW'], { LANG: 'zh_CN' })).toBe('zh-TW')
  expect(chooseLanguage([], { LC_ALL: 'zh_HK', LANG: 'en_US' })).toBe('zh-TW')
  expect(chooseLanguage([], { LC_ALL: '', LANG: 'zh_CN' })).toBe('zh-CN')
  expect(languageArgument(['run', '--lang=en'])).toBe('en')
  expect(languageArgument(['--', '--lang', 'en'])).toBeUndefined()
})

/** All texts of a catalogue by path; functions are called with numbers and names that show. */
const flat = (value: unknown, path = ''): readonly (readonly [string, string])[] => {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value === 'function') {
    if (path === 'fault.tell') return []
    const said: unknown = (value as (...args: unknown[]) => unknown)(...Array.from({ length: value.length }, (_, i) => i + 2))
    return [[path, String(said)]]
  }
  return Object.entries(value as object).flatMap(([key, inner]) => flat(inner, path === '' ? key : `${path}.${key}`))
}

test.each(['zh-CN', 'zh-TW'] as const)('%s says everything, in its own words', (language) => {
  const own = new Map(flat(textsOf(language)))
  const english = flat(textsOf('en'))
  expect([...own.keys()]).toEqual(english.map(([path]) => path))
  const same = english.filter(([path, text]) => own.get(path) === text && /[a-z]{3}/i.test(text)).map(([path]) => path)
  // names of things that are typed, not read
  expect(same).toEqual(['usage.needsTarget'])
})

test('simplified and traditional are not mixed up', () => {
  const signs = (language: (typeof languages)[number]) =>
    flat(textsOf(language))
      .map(([, text]) => text)
      .join('')
      .replace('Yimeng 医盟', '')
  const files = (name: string) =>
    ['faults', 'phrases', 'run-phrases', 'core-phrases']
      .map((kind) => readFileSync(new URL(`./messages/${kind}-${name}.ts`, import.meta.url), 'utf8'))
      .join('')
  expect((signs('zh-TW') + files('zh-TW')).match(/[训练数据联医协调轮输运无为应实页错误写读]/gu)).toBeNull()
  expect((signs('zh-CN') + files('zh-CN')).match(/[訓練數據聯醫協調輪輸運無為應實頁錯誤寫讀]/gu)).toBeNull()
})

test('a fault without words in a language is told in English', () => {
  const fault = new YimengError({ code: 'brand-new', cannot: 'do it', expected: 'this', got: 'that' })
  for (const language of languages) expect(textsOf(language).fault.tell(fault)).toBe(fault.message)
})

const { run } = place('zh_CN.UTF-8')

test.each([
  [['run', 'iris', '--set', 'rounds=0'], '错误：无法使用运行说明：数值过小：期望 number >=1，实际为 0（字段 rounds）'],
  [['run', 'nowhere.yaml'], '错误：无法读取运行说明：应为 可读的文件，实际为 没有这个文件（文件 nowhere.yaml）'],
  [['run', 'iriss'], '您是否想写 iris'],
  [['run', 'iris', '--set', 'local.optimiser.learningRate=1e30', '--quiet'], '错误：无法训练：应为 有限的损失，实际为 NaN'],
  [['run', 'iris', '--seed', 'x'], '错误：--seed：应为 0 到 9007199254740991 之间的整数'],
  [['predict', 'last', 'a.csv', '--lang', 'zh-TW'], '錯誤：無法找到執行紀錄：應為 已完成的執行，實際為 無'],
] as const)('speaks the language: %s', async (args, expected) => expect((await run(...args)).stderr).toContain(expected))

test('help is in the language, with the titles', async () => {
  const { stdout } = await run('compare', '--help')
  expect(stdout).toContain('用法：')
  expect(stdout).toContain('选项：')
  expect(stdout.replaceAll(/--?[\w-]+|<[^>]+>|\[[^\]]+\]/g, '')).not.toMatch(/\b(show|the|with|option)\b/)
})
