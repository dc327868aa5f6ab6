import { beforeAll, expect, test } from 'vitest'
import { place, smallTable } from './command.suite.ts'

// every case: one clear line (what, expected, got, where), an exit code that is not 0, nothing half-written
const { run, write, has } = place()
const secret = 'zq-patient-17'

const specOf = (file: string) =>
  [
    'task:',
    '  table:',
    '    name: own',
    `    files: [${file}]`,
    '    site: Hospital',
    '    label: { kind: categorical, name: Outcome, levels: [ well, ill ] }',
    '    features:',
    '      - { kind: numeric, name: Age }',
    '      - { kind: categorical, name: Stage, levels: [ early, late, rare ] }',
    'rounds: 1',
    '',
  ].join('\n')

beforeAll(() => {
  const good = smallTable()
  const lines = good.trimEnd().split('\n')
  const spec = (name: string, text: string) => {
    write(`${name}.csv`, text)
    write(`${name}.yaml`, specOf(`${name}.csv`))
  }
  spec('good', good)
  spec('text', [...lines.slice(0, 5), `North,${secret},late,ill`, ...lines.slice(5)].join('\n'))
  spec('infinite', [...lines.slice(0, 5), 'North,inf,late,ill', ...lines.slice(5)].join('\n'))
  spec('label', [...lines.slice(0, 5), `North,41,late,${secret}`, ...lines.slice(5)].join('\n'))
  spec('unlabelled', [...lines.slice(0, 5), 'North,41,late,NaN', ...lines.slice(5)].join('\n'))
  spec('one-class', lines.map((line) => line.replace(/,well$/, ',ill')).join('\n'))
  spec('no-site', [...lines.slice(0, 5), ',41,late,ill', ...lines.slice(5)].join('\n'))
  spec('one-row-site', [...lines, 'East,41,late,ill'].join('\n'))
  spec('ragged', [...lines.slice(0, 5), 'North,41,late', ...lines.slice(5)].join('\n'))
  spec('empty', '')
  spec('header-only', lines[0] ?? '')
  write('gone.yaml', specOf('nowhere.csv'))
  write('misspelt.yaml', specOf('good.csv').replace('name: Age', 'name: Aeg'))
  write('typo.yaml', `${specOf('good.csv')}stratgey: { name: fedavg }\n`)
  write('broken.yaml', 'task: [iris\nrounds: 1')
  write('list.json', '[1, 2]')
  write('taken.txt', '')
})

test.each([
  ['missing spec file', ['run', 'nowhere.yaml'], 'no such file (file nowhere.yaml)'],
  ['missing table', ['run', 'gone.yaml'], 'expected a file, got nothing there'],
  ['missing table to look at', ['init', '--csv', 'nowhere.csv', '--label', 'Outcome'], 'nowhere.csv'],
  ['wrong column', ['run', 'misspelt.yaml'], 'cannot find column Aeg: expected Age'],
  ['wrong label column', ['init', '--csv', 'good.csv', '--label', 'Outcom'], 'cannot find label column Outcom: expected Outcome'],
  ['text in a numeric column', ['run', 'text.yaml'], 'cannot read column Age: expected a number, got text (file text.csv, row 6)'],
  ['an infinite number', ['run', 'infinite.yaml'], 'cannot read column Age: expected a number'],
  [
    'an unknown class',
    ['run', 'label.yaml'],
    'cannot read label Outcome: expected one of well, ill, got another class (file label.csv, row 6)',
  ],
  ['NaN as a label', ['run', 'unlabelled.yaml'], 'expected a label in every row, got a missing value (file unlabelled.csv, row 6)'],
  ['one class only', ['run', 'one-class.yaml'], 'classes, got one class'],
  ['no site in a row', ['run', 'no-site.yaml'], 'expected a site in every row, got a missing value (file no-site.csv, row 6)'],
  ['a ragged row', ['run', 'ragged.yaml'], 'expected 4 cells in every row, got 3 (file ragged.csv, row 6)'],
  ['an empty file', ['run', 'empty.yaml'], 'expected a row of column names'],
  ['a table without rows', ['run', 'header-only.yaml'], 'expected at least one row of data'],
  ['an empty site', ['run', 'iris', '--set', 'partition.kind=iid', '--set', 'partition.sites=149'], 'expected training rows at every site'],
  ['unknown key in a spec', ['run', 'typo.yaml'], 'got "stratgey"; did you mean strategy?'],
  ['unknown key in --set', ['run', 'iris', '--set', 'roundz=3'], 'did you mean rounds? (field roundz)'],
  ['rounds = 0', ['run', 'iris', '--set', 'rounds=0'], 'expected at least 1, got 0 (field rounds)'],
  ['a broken file', ['run', 'broken.yaml'], 'file broken.yaml'],
  ['a spec that is none', ['run', 'list.json'], 'expected a record with at least a task'],
  ['unknown task', ['run', 'iriss'], 'got "iriss"; did you mean iris?'],
  [
    'unwritable --out',
    ['run', 'iris', '--out', 'taken.txt/results'],
    'expected a folder that can be written to, got a path through a file',
  ],
  ['unwritable --out of a report', ['compare', 'iris', '--out', 'taken.txt/results'], 'cannot write results'],
  [
    'a diverging run',
    ['run', 'iris', '--set', 'local.optimiser.learningRate=1e30', '--out', 'results'],
    'cannot train: expected a finite loss',
  ],
  ['unknown run', ['predict', 'nosuchrun', 'good.csv'], 'cannot find run'],
  ['no finished run', ['predict', 'last', 'good.csv'], 'cannot find run: expected a finished run, got none'],
  ['a model that is none', ['predict', 'good.safetensors', 'good.csv'], 'no such file'],
  ['unknown data set', ['data', 'describe', 'irs'], 'cannot find data set irs'],
] as const)('%s', async (_, args, expected) => {
  const { code, stdout, stderr } = await run(...args, '--quiet')
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/^error: cannot .+: expected .+, got .+\n$/)
  expect(stderr).toContain(expected)
  expect(stderr).not.toContain(secret)
  expect(code).toBe(1)
  expect(stdout).toBe('')
  for (const left of ['results', 'report', 'nowhere.yimeng.yaml', 'good.yimeng.yaml']) expect(has(left), left).toBe(false)
})

test('a category that one site has never seen is no fault: all sites agree on the levels', async () => {
  const { code, stderr } = await run('run', 'good.yaml', '--quiet')
  expect(stderr).toBe('')
  expect(code).toBe(0)
})

test.each([
  ['no command of that name', ['strat'], 'there is no command strat; did you mean start?'],
  ['no option of that name', ['run', 'iris', '--sedd', '3'], 'did you mean --seed?'],
  ['a missing argument', ['compare'], 'argument <task|spec> is missing'],
  ['a missing option', ['init', '--csv', 'good.csv'], 'option --label <column> is missing'],
  ['an option without its value', ['run', 'iris', '--seed'], 'option --seed <number> needs a value'],
  ['no number', ['run', 'iris', '--seed', 'x'], "--seed: expected a whole number from 0 to 9007199254740991, got 'x'"],
  ['no seeds', ['compare', 'iris', '--seeds', '0'], '--seeds: expected a whole number from 1 to 1000'],
  ['a language we do not speak', ['run', 'iris', '--lang', 'fr'], '--lang: expected one of en, zh-CN, zh-TW'],
  ['a spec beside --resume', ['run', 'iris', '--resume', 'x'], '--resume takes the spec of the run'],
] as const)('usage: %s', async (_, args, expected) => {
  const { code, stdout, stderr } = await run(...args)
  const [line, hint, ...more] = stderr.trimEnd().split('\n')
  expect(line).toContain(expected)
  expect(hint).toMatch(/^see: yimeng.* --help$/)
  expect(more).toEqual([])
  expect(code).toBe(2)
  expect(stdout).toBe('')
})
