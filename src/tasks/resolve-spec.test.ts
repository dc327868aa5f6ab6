import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { YimengError } from '../base/index.ts'
import { readRunSpec, resolveSpec, type RunSpecInput, SpecError, specHash, withOverrides } from './index.ts'

const issuesOf = (spec: object, language: 'en' | 'zh-CN' | 'zh-TW' = 'en') => {
  try {
    resolveSpec(spec as RunSpecInput, { language })
  } catch (error) {
    if (error instanceof SpecError) return error
    throw error
  }
  throw new Error('accepted')
}

test('a task brings its defaults, a spec lays its own over them, the schema fills the rest', () => {
  const spec = resolveSpec({ task: 'iris', rounds: 7, local: { batch: 5 } })
  expect(spec).toMatchObject({
    rounds: 7,
    cohort: { size: 5, deadlineSeconds: 600 },
    local: { epochs: 3, batch: 5 },
    seed: 1,
    strategy: { name: 'fedavg' },
  })
})

test('another kind takes nothing from the one beneath; rivals drop each other', () => {
  expect(resolveSpec({ task: 'iris', partition: { kind: 'natural' } }).partition).toEqual({ kind: 'natural' })
  expect(resolveSpec({ task: 'iris', cohort: { fraction: 0.2 } }).cohort).toEqual({
    fraction: 0.2,
    choose: { kind: 'uniform' },
    extra: 0,
    maxRows: 2 ** 20,
    deadlineSeconds: 600,
  })
  expect(resolveSpec({ task: 'iris', local: { steps: 4 } }).local).not.toHaveProperty('epochs')
})

test.each<[string, object, Partial<SpecError>, string]>([
  [
    'unknown key',
    { task: 'iris', runds: 5 },
    { code: 'spec-unknown-key', where: { field: 'runds' } },
    'cannot use run spec: expected a known key, got "runds"; did you mean rounds? (field runds)',
  ],
  [
    'unknown inner key',
    { task: 'iris', local: { bach: 5 } },
    { code: 'spec-unknown-key' },
    'cannot use run spec: expected a known key, got "bach"; did you mean batch? (field local.bach)',
  ],
  [
    'a key of another strategy',
    { task: 'iris', strategy: { name: 'fedavgm', tau: 0.1 } },
    { code: 'spec-unknown-key' },
    'cannot use run spec: expected a known key, got "tau" (field strategy.tau)',
  ],
  ['no rounds', { task: 'iris', rounds: 0 }, { code: 'spec-value' }, 'cannot use run spec: expected at least 1, got 0 (field rounds)'],
  [
    'a text for a number',
    { task: 'iris', rounds: 'many' },
    { code: 'spec-value' },
    'cannot use run spec: expected a number, got "many" (field rounds)',
  ],
  [
    'an unknown strategy',
    { task: 'iris', strategy: { name: 'fedprx' } },
    { code: 'spec-value' },
    'cannot use run spec: expected one of fedavg, fedprox, fedavgm, fedadagrad, fedadam, fedyogi, scaffold, fednova, feddyn, qfedavg, fedcon, fedcon-robust, fedbuff, fedasync, fedmedian, trimmedmean, krum, bulyan, rfa, normclipping, fltrust, fedper, fedbn, fedrep, ditto, ifca, perfedavg, reptile, cyclic, hierarchical, got "fedprx"; did you mean fedprox or fedper? (field strategy.name)',
  ],
  [
    'a cohort beyond the sites',
    { task: 'iris', cohort: { size: 11 } },
    { code: 'spec-value' },
    'cannot use run spec: expected at most 10, the number of sites, got 11 (field cohort.size)',
  ],
  [
    'both of two rivals',
    { task: 'iris', local: { epochs: 1, steps: 1 } },
    { code: 'spec-value' },
    'cannot use run spec: expected epochs or steps, not both, got 1 (field local.steps)',
  ],
  ['no task', { rounds: 1 }, { code: 'spec-value' }, 'cannot use run spec: expected a text, got nothing (field task)'],
])('refuses %s', (_, spec, partial, message) => {
  const error = issuesOf(spec)
  expect(error).toMatchObject(partial)
  expect(error.message).toBe(message)
})

test('refuses an unknown task with near names', () => {
  expect(() => resolveSpec({ task: 'irsi' })).toThrow('got "irsi"; did you mean iris? (field task)')
})

test('issues speak the reader’s language, all of them', () => {
  const { issues } = issuesOf({ task: 'iris', rounds: 0, foo: 1 }, 'zh-CN')
  expect(issues.map(({ path, kind }) => [path, kind])).toEqual([
    ['rounds', 'value'],
    ['foo', 'unknownKey'],
  ])
  expect(issues[0]?.message).toBe('数值过小：期望 number >=1')
  expect(issuesOf({ task: 'iris', rounds: 0 }, 'zh-TW').issues[0]?.message).toMatch(/[數值]/)
})

test('the hash is that of what can change the model', () => {
  const hash = (spec: RunSpecInput) => specHash(resolveSpec(spec))
  const plain = hash({ task: 'iris' })
  expect(hash({ task: 'iris', engine: { workers: 2 } })).toBe(plain)
  expect(hash({ task: 'iris', evaluate: { every: 0 } })).toBe(plain)
  expect(hash({ task: 'iris', seed: 2 })).not.toBe(plain)
  expect(hash({ task: 'iris', local: { epochs: 3 } })).toBe(plain)
  // where an imported network lies is each site's own affair
  const imported = (file: string) => hash({ task: 'iris', model: { kind: 'imported', file } })
  expect(imported('/srv/a/net.onnx')).toBe(imported('C:\\b\\net.onnx'))
  expect(imported('/srv/a/other.onnx')).not.toBe(imported('/srv/a/net.onnx'))
})

test('overrides go beneath records, and another kind starts afresh', () => {
  const spec: RunSpecInput = { task: 'iris', strategy: { name: 'fedadam', beta1: 0.5 } }
  expect(withOverrides(spec, ['strategy.name=fedprox', 'strategy.mu=0.1', 'rounds=3', 'engine.kind=reference'])).toEqual({
    task: 'iris',
    strategy: { name: 'fedprox', mu: 0.1 },
    rounds: 3,
    engine: { kind: 'reference' },
  })
  expect(() => withOverrides(spec, ['rounds'])).toThrow(YimengError)
})

test('specs come from JSON, YAML and TypeScript files; faults name the place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-'))
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  try {
    const expected = { task: 'iris', rounds: 3 }
    expect(await readRunSpec(await file('a.json', '{"task": "iris", "rounds": 3}'))).toEqual(expected)
    expect(await readRunSpec(await file('a.yaml', 'task: iris\nrounds: 3\n'))).toEqual(expected)
    expect(await readRunSpec(await file('a.ts', "const rounds: number = 3\nexport default { task: 'iris', rounds }\n"))).toEqual(expected)
    const table = await readRunSpec(
      await file(
        't.yaml',
        'task:\n  table:\n    files: [x.csv]\n    label: {kind: numeric, name: y}\n    features: [{kind: numeric, name: x}]\n',
      ),
    )
    expect(table.task).toMatchObject({ table: { files: [join(folder, 'x.csv')] } })
    await expect(readRunSpec(await file('b.json', '{"task": "iris",\n "rounds": ]}'))).rejects.toMatchObject({
      code: 'spec-syntax',
      where: { line: 2 },
    })
    await expect(readRunSpec(await file('c.yaml', 'task: iris\nrounds: 0\n'))).rejects.toMatchObject({
      code: 'spec-value',
      where: { field: 'rounds', file: join(folder, 'c.yaml') },
    })
    await expect(readRunSpec(await file('d.yaml', '- 1\n'))).rejects.toMatchObject({ code: 'spec-syntax' })
    await expect(readRunSpec(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'spec-file' })
    await expect(readRunSpec(join(folder, 'none.txt'))).rejects.toMatchObject({ code: 'spec-file' })
    await expect(readRunSpec(await file('e.ts', 'export const x = 1\n'))).rejects.toMatchObject({ code: 'spec-syntax' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the JSON Schema for editors is current', async () => {
  const { readFile } = await import('node:fs/promises')
  const { jsonSchemaText } = await import('../../tools/schema.ts')
  expect(await readFile(new URL('../../schema/run-spec.schema.json', import.meta.url), 'utf8')).toBe(jsonSchemaText())
  expect(z.fromJSONSchema(JSON.parse(jsonSchemaText()) as never).safeParse({ task: 'iris', rounds: 0 }).success).toBe(false)
})

test.each([
  [{ strategy: { name: 'scaffold' }, local: { optimiser: { name: 'adam' } } }, 'local.optimiser.name'],
  [{ strategy: { name: 'krum', liars: 2 } }, 'strategy.liars'],
  [{ strategy: { name: 'krum', liars: 1, keep: 5 } }, 'strategy.keep'],
  [{ strategy: { name: 'bulyan' } }, 'strategy.liars'],
  [{ strategy: { name: 'fltrust', trusted: 'site-11' } }, 'strategy.trusted'],
  [{ strategy: { name: 'fltrust', trusted: 'site-01' } }, 'cohort.size'],
  [{ strategy: { name: 'cyclic', order: ['nobody'] } }, 'strategy.order'],
  [{ strategy: { name: 'hierarchical', every: 1, regions: { 'site-01': 0 } } }, 'strategy.regions'],
  [{ attack: { kind: 'labelFlip', sites: ['somebody'] } }, 'attack.sites'],
  [{ strategy: { name: 'fedbuff' } }, 'schedule'],
  [{ schedule: { kind: 'buffered' } }, 'strategy.name'],
  [{ strategy: { name: 'fedasync' }, schedule: { kind: 'buffered', size: 2 }, cohort: { extra: 1 } }, 'cohort'],
  [{ strategy: { name: 'fedbuff' }, schedule: { kind: 'buffered', size: 11 } }, 'schedule.size'],
  [{ sum: 'masked', cohort: { size: 5, choose: { kind: 'utility' } } }, 'sum'],
  [{ sum: 'masked', cohort: { size: 5, extra: 2 } }, 'cohort.extra'],
  [{ strategy: { name: 'ditto' }, stopping: { keep: 'best' } }, 'stopping.keep'],
] as const)('%j cannot work, and says where', (parts, field) => {
  expect(() => resolveSpec({ task: 'iris', ...parts } as RunSpecInput)).toThrow(
    expect.objectContaining({ where: expect.objectContaining({ field }) }),
  )
})

test('FedNova takes the momentum of the sites unless told otherwise', () => {
  expect(resolveSpec({ task: 'digits', strategy: { name: 'fednova' } }).strategy).toEqual({ name: 'fednova', momentum: 0.9 })
  expect(resolveSpec({ task: 'digits', strategy: { name: 'fednova', momentum: 0.5 } }).strategy).toEqual({ name: 'fednova', momentum: 0.5 })
})
