// What becomes of a run when processes die and lines break; the long trials are in bench/alliance-faults.ts.
import { readFile, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultyLine } from '../bench/faulty-line.ts'
import { watch } from '../src/cli/alliance/person.ts'
import { type Practice, practice } from '../src/cli/alliance/practice.ts'
import { authority } from '../src/coordinator/authority.ts'
import type { RunEvent } from '../src/federated/spec/index.ts'
import { identityOf, node } from '../src/node/index.ts'
import { keyAndRequest } from '../src/node/identity.ts'
import { run } from '../src/simulation/index.ts'
import { trainedModelOf } from '../src/tasks/index.ts'

const spec = { task: 'heart-disease', rounds: 12, partition: { kind: 'iid', sites: 3 } } as const
let alliance: Practice
let sites: readonly [string, string, string]
const told: string[] = []

beforeAll(async () => {
  alliance = await practice(spec, {
    told: (who, what) => {
      if (what.kind === 'node' && what.event.kind === 'modelReceived') told.push(`${who} ${what.event.modelHash}`)
    },
  })
  const [a = '', b = '', c = ''] = alliance.sites
  sites = [a, b, c]
})
afterAll(() => alliance.close())

const hashOf = (event: RunEvent): string => (event.kind === 'runFinished' ? event.modelHash : `the run ended otherwise: ${event.kind}`)
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(50)
}

test('kills of two nodes and the coordinator in one run: each round is committed once, to the model of an undisturbed process', async () => {
  const speaking = await alliance.operator()
  const { run: id } = await speaking.begin(spec)
  const events: RunEvent[] = []
  const over = watch(speaking, id, (event) => events.push(event))
  const committed = () => events.filter((event) => event.kind === 'roundCommitted').length
  for (const [round, victim] of [
    [2, sites[0]],
    [5, 'coordinator'],
    [8, sites[1]],
  ] as const) {
    await until(() => committed() > round)
    if (victim === 'coordinator') await alliance.coordinator().kill().then(alliance.restartCoordinator)
    else
      await alliance
        .node(victim)
        .kill()
        .then(() => alliance.restartNode(victim))
  }
  const hash = hashOf(await over)
  speaking.close()
  expect(events.flatMap((event) => (event.kind === 'roundCommitted' ? [event.round] : []))).toEqual(
    Array.from({ length: spec.rounds + 1 }, (_, round) => round),
  )
  expect(hash).toBe((await run(spec, { home: null })).modelHash)
})

test('a site that was away when the run ended gets its model when it is back, also from a coordinator that was started again', async () => {
  const [late] = sites
  const events: RunEvent[] = []
  let killed: Promise<void> | undefined
  const end = await alliance.run({ ...spec, cohort: { quorum: 2, deadlineSeconds: 2 } }, (event) => {
    events.push(event)
    if (event.kind === 'roundCommitted' && event.round === 2) killed ??= alliance.node(late).kill()
  })
  await killed
  const hash = hashOf(end)
  expect(told).not.toContain(`${late} ${hash}`)
  await alliance.coordinator().stop()
  await alliance.restartCoordinator()
  await alliance.restartNode(late)
  await until(() => told.includes(`${late} ${hash}`))
  const file = await readFile(join(alliance.folder, late, 'node', 'models', `${end.run}.safetensors`))
  expect(trainedModelOf(new Uint8Array(file)).hash).toBe(hash)
})

test('a certificate near its end is renewed by the node itself, and the new one is taken', async () => {
  const [, , site] = sites
  const folder = join(alliance.folder, site, 'node')
  await alliance.node(site).stop()
  const ca = await authority(alliance.coordinatorFolder)
  const { key, request } = await keyAndRequest(site)
  const issued = await ca.issue(site, request, 10)
  const db = new DatabaseSync(join(alliance.coordinatorFolder, 'alliance.sqlite'))
  db.prepare('insert into certificates (fingerprint, holder, role, expires_at) values (?, ?, ?, ?)').run(
    issued.fingerprint,
    site,
    'site',
    issued.expiresAt,
  )
  db.close()
  const before = await identityOf(folder)
  await writeFile(join(folder, 'identity.json'), JSON.stringify({ ...before, key, certificate: issued.certificate }))
  const events: string[] = []
  const running = await node({ folder, onEvent: ({ kind }) => events.push(kind) })
  await until(async () => (await identityOf(folder)).certificate !== issued.certificate && events.includes('connected'))
  await running.close()
  await alliance.restartNode(site)
})

test('over a line with delay, a rate and cuts a run ends with the same model', async () => {
  const lines: Awaited<ReturnType<typeof faultyLine>>[] = []
  const short = { ...spec, rounds: 3, partition: { kind: 'iid', sites: 2 }, cohort: { size: 2 } } as const
  const slow = await practice(short, {
    addressOf: async (_, url) => {
      const line = await faultyLine(Number(new URL(url).port))
      lines.push(line)
      return `https://127.0.0.1:${line.port}`
    },
  })
  for (const line of lines) line.misbehave({ delayMs: 20, bitsPerSecond: 4e6, loss: 0.005 })
  // four times: a line that is cut for ever makes a node wait longer and longer, which takes a test's time and shows no more
  let left = 4
  const cutting = setInterval(() => left-- > 0 && lines[0]?.cut(300), 700)
  try {
    expect(hashOf(await slow.run(short))).toBe((await run(short, { home: null })).modelHash)
    expect(lines.reduce((sum, line) => sum + line.cuts(), 0)).toBeGreaterThan(0)
  } finally {
    clearInterval(cutting)
    await slow.close()
    for (const line of lines) line.close()
  }
})
