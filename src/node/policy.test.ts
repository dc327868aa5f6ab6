import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveSpec, specHash } from '../tasks/index.ts'
import { belowFloor, machineOf } from './machine.ts'
import { approve, inHours, policyOf, refusal, setPolicy } from './policy.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-policy-'))
})
afterAll(() => rm(folder, { recursive: true }))

const asked = (change: Readonly<Record<string, unknown>> = {}) => {
  const spec = resolveSpec({ task: 'heart-disease', ...change })
  return { spec, specHash: specHash(spec), task: 'heart-disease', sites: 4 }
}
const reason = async (policy: Parameters<typeof setPolicy>[1], change: Readonly<Record<string, unknown>> = {}) => {
  await setPolicy(folder, { approval: 'all', ...policy })
  return (await refusal(folder, asked(change)))?.reason
}

test('nothing runs that the steward has not approved, unless the policy says so', async () => {
  await setPolicy(folder, {})
  const run = asked()
  expect(await refusal(folder, run)).toEqual({ reason: `awaits approval of spec ${run.specHash.slice(0, 12)}`, awaits: true })
  await approve(folder, run.specHash.slice(0, 12))
  expect(await refusal(folder, run)).toBeUndefined()
  // another spec is another approval
  expect(await refusal(folder, asked({ rounds: 2 }))).toMatchObject({ awaits: true })
  await expect(approve(folder, 'abc')).rejects.toMatchObject({ code: 'approval-hash' })
})

test('each rule refuses what it is for, and says why', async () => {
  expect(await reason({})).toBeUndefined()
  expect(await reason({ tasks: ['iris'] })).toMatch(/task heart-disease/)
  expect(await reason({ sums: ['masked'] })).toMatch(/sum plain/)
  expect(await reason({ sums: ['masked'] }, { sum: 'masked' })).toBeUndefined()
  expect(await reason({ smallestCohort: 5 })).toMatch(/5 sites at least, this run needs 4/)
  expect(await reason({ smallestCohort: 3 }, { cohort: { quorum: 2 } })).toMatch(/this run needs 2/)
  expect(await reason({ largestEpsilon: 3 })).toMatch(/this run has none/)
  // of four sites all are neighbours, whatever the run says
  const sparse = { sum: 'masked', neighbours: { corrupt: 0.05, dropouts: 0 } } as const
  expect(await reason({ neighbours: { corrupt: 0.2 } }, sparse)).toBeUndefined()
  const large = { ...asked(sparse), sites: 100 }
  expect((await refusal(folder, large))?.reason).toBe('policy: masks that withstand 0.2 of corrupt sites, this run has such for 0.05')
  await setPolicy(folder, { approval: 'all', neighbours: { corrupt: 0.05 } })
  expect(await refusal(folder, large)).toBeUndefined()
  expect(await reason({ floor: { freeMemoryBytes: 1e15 } })).toMatch(/^policy: 1000000\.0 GB of free memory are asked for/)
  expect(await reason({}, { cohort: { floor: { cpus: 10_000 } } })).toMatch(/^run: 10000 CPUs are asked for/)
})

test('a rule that cannot be read is not passed over', async () => {
  await writeFile(join(folder, 'policy.json'), '{"approval":"never"}')
  await expect(policyOf(folder)).rejects.toMatchObject({ code: 'policy' })
  await writeFile(join(folder, 'policy.json'), '{"hours":{"from":"25:00","to":"06:00"}}')
  await expect(policyOf(folder)).rejects.toMatchObject({ code: 'policy' })
})

test('hours may go over midnight', () => {
  const night = { from: '22:00', to: '06:00' }
  expect(['21:59', '22:00', '00:00', '05:59', '06:00'].map((at) => inHours(night, at))).toEqual([false, true, true, true, false])
  const day = { from: '08:00', to: '18:00' }
  expect(['07:59', '08:00', '17:59', '18:00'].map((at) => inHours(day, at))).toEqual([false, true, true, false])
})

test('a machine tells what it has, and is held against what is asked', async () => {
  const machine = await machineOf(folder, 1.5)
  expect(machine.cpus).toBeGreaterThan(0)
  expect(machine.freeMemoryBytes).toBeLessThanOrEqual(machine.memoryBytes)
  expect(machine.roundTripMs).toBe(1.5)
  expect(belowFloor(machine, {})).toBeUndefined()
  expect(belowFloor({ ...machine, freeDiskBytes: 1 }, { freeDiskBytes: 2 })).toMatch(/free disk/)
  // what is not known counts as enough
  expect(belowFloor({ ...machine, freeDiskBytes: null }, { freeDiskBytes: 1e18 })).toBeUndefined()
  expect(belowFloor({ ...machine, cpus: 2, load: 5 }, { largestLoad: 2 })).toMatch(/load of 2 a CPU is allowed, this machine has 2\.5/)
})
