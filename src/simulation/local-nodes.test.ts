import { expect, test } from 'vitest'
import { now } from '../base/index.ts'
import { openJournal } from '../runtime/index.ts'
import { dataSchema, runStages, type RunSpecInput } from '../tasks/index.ts'
import { engineOf } from '../tasks/node.ts'
import { localNodes } from './local-nodes.ts'
import { prepare } from './prepare.ts'
import { rounds } from './rounds.ts'

/** A run whose nodes rest as soon as they may, or never: its model, and how many nodes were awake after each round. */
const runWith = async (input: RunSpecInput, mostIdle: number) => {
  const prepared = await prepare(input)
  const { spec, seed, dataset, specHash, dataHash } = prepared
  const journal = await openJournal(':memory:')
  const engine = engineOf(spec.engine)
  const signal = new AbortController().signal
  const run = 'a run'
  await journal.start({ id: run, task: 'iris', spec, specHash, dataHash, rounds: spec.rounds, startedAt: new Date(now()).toISOString() })
  const stages = runStages(spec, dataSchema(dataset), engine, seed)
  const nodes = await localNodes(run, prepared, journal, stages, signal, mostIdle)
  const awake: number[] = []
  try {
    const { modelHash, history, bytesUp } = await rounds(
      {
        run,
        journal,
        members: nodes.members,
        ready: nodes.ready,
        seed,
        size: 2,
        deadlineMs: 60_000,
        signal,
        onEvent: ({ kind }) => {
          if (kind === 'roundStarted') awake.push(nodes.members.filter(({ freshStream }) => reachable(freshStream)).length)
        },
      },
      prepared,
      stages,
      engine,
      0,
    )
    return { modelHash, bytesUp, roundBytes: history.map((point) => point.bytesUp), awake }
  } finally {
    await nodes.close()
    await engine.close()
    await journal.close()
  }
}

const reachable = (freshStream: () => unknown): boolean => {
  try {
    freshStream()
    return true
  } catch {
    return false
  }
}

test('nodes that rest between their rounds give the same model, and only the cohort is awake', async () => {
  // variates are a state of each node, which must outlast its rest
  const spec = { task: 'iris', strategy: { name: 'scaffold', sites: 10 }, cohort: { size: 2 }, rounds: 12 } as const
  const [resting, waking] = [await runWith(spec, 0), await runWith(spec, 10)]
  expect(resting.modelHash).toBe(waking.modelHash)
  expect(resting.awake).toEqual([10, ...Array.from({ length: 12 }, () => 2)])
  expect(waking.awake).toEqual(Array.from({ length: 13 }, () => 10))
  expect(resting.roundBytes).toEqual(waking.roundBytes)
  // greetings are counted
  expect(resting.bytesUp).toBeGreaterThan(waking.bytesUp)
})
