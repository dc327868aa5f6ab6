// The service files say what the command understands. (What containers and services do with them needs those; this needs nothing.)
import { spawnSync } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { textsOf } from '../src/cli/messages/index.ts'
import { program } from '../src/cli/program.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const units = ['packaging/systemd/yimeng-coordinator.service', 'packaging/systemd/yimeng-node.service']

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly command?: readonly string[]
        readonly environment?: Readonly<Record<string, string>>
        readonly volumes?: readonly string[]
      }
    >
  >
}
const compose = parse(read('packaging/compose.yaml')) as Compose
const services = Object.entries(compose.services)

/** Whether the command takes these words; its actions do nothing here. */
const understood = async (words: readonly string[]): Promise<boolean> => {
  let acted = false
  await program(textsOf('en'), 'en', async () => {
    acted = true
  }).parseAsync([...words], { from: 'user' })
  return acted
}

test('every command of a service, a container and their comments is one', async () => {
  const container = read('packaging/Containerfile')
  const [, entry] = /^ENTRYPOINT (.*)$/m.exec(container) ?? []
  const [, command] = /^CMD (.*)$/m.exec(container) ?? []
  expect(JSON.parse(entry ?? '')).toEqual(['yimeng'])
  const written = [
    JSON.parse(command ?? '') as string[],
    ...units.map((unit) => (/^ExecStart=\S+\/yimeng (.*)$/m.exec(read(unit))?.[1] ?? '').split(' ')),
    ...services.flatMap(([, { command: own }]) => (own === undefined ? [] : [own])),
    ...[...read('packaging/compose.yaml').matchAll(/(?:exec coordinator yimeng|run --rm node) (.*)$/gm)].map(([, words]) =>
      (words ?? '').split(' '),
    ),
  ]
  expect(written).toHaveLength(8)
  for (const words of written) expect(await understood(words), words.join(' ')).toBe(true)
  await expect(understood(['up', '--hosts', 'x'])).rejects.toMatchObject({ code: 'commander.unknownOption' })
})

test('variables that are set are variables that are read', () => {
  const sources = globSync('src/**/*.ts', { cwd: new URL('..', import.meta.url) }).map((path) => read(path))
  const used = (name: string): boolean => sources.some((text) => text.includes(`'${name}'`))
  const set = [
    ...services.flatMap(([, { environment = {} }]) => Object.keys(environment)),
    ...units.flatMap((unit) => [...read(unit).matchAll(/(?:^Environment=|\()(YIMENG_[A-Z]+)=/gm)].map(([, name]) => name ?? '')),
    ...[...read('packaging/Containerfile').matchAll(/(YIMENG_[A-Z]+)=/g)].map(([, name]) => name ?? ''),
  ].filter((name) => name.startsWith('YIMENG_'))
  expect(new Set(set)).toEqual(new Set(['YIMENG_DATABASE', 'YIMENG_HOME']))
  expect([...new Set(set)].filter((name) => !used(name))).toEqual([])
})

test('what must outlive a container is a volume', () => {
  const kept = Object.fromEntries(services.map(([name, { volumes = [] }]) => [name, volumes.map((volume) => volume.split(':')[1])]))
  expect(kept['coordinator']).toContain('/var/lib/yimeng')
  expect(kept['node']).toContain('/var/lib/yimeng')
  expect(read('packaging/Containerfile')).toMatch(/YIMENG_HOME=\/var\/lib\/yimeng/)
})

test.runIf(existsSync('/usr/bin/systemd-analyze'))('systemd reads the units', () => {
  for (const unit of units) {
    const path = new URL(`../${unit}`, import.meta.url).pathname
    let said = ''
    try {
      said = execFileSync('systemd-analyze', ['verify', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      said = String((error as { readonly stderr?: unknown }).stderr)
    }
    // that the program is not installed here is no fault of the unit
    expect(said.split('\n').filter((line) => line !== '' && !line.includes('is not executable'))).toEqual([])
  }
})

test('a launcher whose Node cannot be started says so and fails', async () => {
  const script = `import('${new URL('../bin/node-path.mjs', import.meta.url).href}').then(({ handOver }) => handOver('/no/such/node', ['x']))`
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, 'cannot start /no/such/node: expected a program that runs, got ENOENT\n'])
})
