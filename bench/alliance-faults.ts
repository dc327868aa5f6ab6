// What an alliance bears: trials with real processes over mutual TLS, each on lines or with kills that are worse than ordinary. A trial that fails ends with an error.
// Run: node bench/alliance-faults.ts kills [20]      random kill -9 of nodes and coordinator in one run: the model is the one of an undisturbed process
//      node bench/alliance-faults.ts lines           delay, loss, a narrow line, cuts: runs end, with the same model, and nobody spins
//      node bench/alliance-faults.ts cut [seconds]   a line that is down in the upload of a model of 120 MB; 360 are the six minutes that others' systems do not bear
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs, seed } from '../src/base/index.ts'
import { type Practice, practice } from '../src/cli/alliance/practice.ts'
import { watch } from '../src/cli/alliance/person.ts'
import type { RunEvent } from '../src/federated/spec/index.ts'
import { openJournal } from '../src/runtime/index.ts'
import { run } from '../src/simulation/index.ts'
import { resolveSpec, trainedModelOf, type RunSpecInput } from '../src/tasks/index.ts'
import { type FaultyLine, type Faults, faultyLine } from './faulty-line.ts'
import { cpuSeconds } from './process-figures.ts'

const expect = (what: string, holds: boolean): void => {
  if (!holds) throw new Error(`not so: ${what}`)
  console.log(`  ${what}`)
}

/** What the run's own journal says, read again from the file: every round once, the model that was announced, and the model that replaying gives. */
const replayed = async (folder: string, id: string, rounds: number): Promise<void> => {
  const journal = await openJournal(join(folder, 'runs.sqlite'))
  try {
    const events = await journal.events(id)
    const committed = events.flatMap((event) => (event.kind === 'roundCommitted' ? [event.round] : []))
    const started = events.filter((event) => event.kind === 'roundStarted')
    expect(
      `${rounds + 1} rounds were committed, each once and in order`,
      committed.every((round, i) => round === i) && committed.length === rounds + 1,
    )
    const numbers = started.map(({ round, attempt }) => `${round}/${attempt}`)
    expect(`${started.length} attempts began, no number twice`, new Set(numbers).size === numbers.length)
    const told = await journal.find(id)
    const file = await journal.model(id)
    expect(
      'the journal’s row, its last event and its model agree',
      events.at(-1)?.kind === 'runFinished' &&
        told.status === 'finished' &&
        told.round === rounds &&
        file !== undefined &&
        trainedModelOf(file).hash === told.modelHash,
    )
  } finally {
    await journal.close()
  }
}

const hashOf = (event: RunEvent): string => {
  if (event.kind === 'runFinished') return event.modelHash
  throw new Error(`the run ended otherwise: ${JSON.stringify(event)}`)
}

/** Kills at random moments, of anyone, all from one seed. */
const kills = async (count: number): Promise<void> => {
  const spec = resolveSpec({ task: 'breast-cancer', rounds: 10 * count, local: { steps: 1 }, cohort: { deadlineSeconds: 60 } })
  const alliance = await practice(spec)
  const random = seed(20).random()
  try {
    const speaking = await alliance.operator()
    const { run: id } = await speaking.begin(spec)
    const now = { committed: 0, ended: false }
    const over = watch(speaking, id, (event) => {
      if (event.kind === 'roundCommitted') now.committed = event.round
    })
    void over.finally(() => (now.ended = true)).catch(() => undefined)
    const victims: string[] = []
    for (let kill = 0; kill < count && !now.ended; kill += 1) {
      // some rounds between kills, and some moment within a round
      const until = now.committed + 2 + random.integer(6)
      while (now.committed < until && !now.ended) await sleep(5)
      await sleep(random.integer(60))
      const victim = ['coordinator', ...alliance.sites][random.integer(alliance.sites.length + 1)] ?? ''
      victims.push(victim)
      if (victim === 'coordinator') {
        await alliance.coordinator().kill()
        await alliance.restartCoordinator()
      } else {
        await alliance.node(victim).kill()
        await alliance.restartNode(victim)
      }
    }
    const hash = hashOf(await over)
    speaking.close()
    expect(
      `${victims.length} kills (${victims.filter((each) => each === 'coordinator').length} of the coordinator)`,
      victims.length === count,
    )
    await replayed(alliance.coordinatorFolder, id, spec.rounds)
    expect('the model is the one of an undisturbed process, bit for bit', hash === (await run(spec, { home: null })).modelHash)
  } finally {
    await alliance.close()
  }
}

/** An alliance whose sites have lines of their own. */
const onLines = async (
  spec: RunSpecInput,
  faults: Faults,
): Promise<{ readonly alliance: Practice; readonly lines: ReadonlyMap<string, FaultyLine> }> => {
  const lines = new Map<string, FaultyLine>()
  const alliance = await practice(spec, {
    addressOf: async (site, url) => {
      const line = await faultyLine(Number(new URL(url).port), {}, seed(1).split('line', lines.size))
      lines.set(site, line)
      return `https://127.0.0.1:${line.port}`
    },
  })
  // who joins watches, and tries again
  for (const line of lines.values()) line.misbehave(faults)
  return { alliance, lines }
}

const kinds: Readonly<Record<string, Faults>> = {
  'as it is': {},
  '200 ms of delay each way': { delayMs: 200 },
  '5 % loss, a lost piece ends its connection': { loss: 0.05 },
  '1 Mbit/s': { bitsPerSecond: 1e6 },
}

const lines = async (): Promise<void> => {
  const spec = resolveSpec({
    task: 'breast-cancer',
    rounds: 5,
    model: { kind: 'mlp', hidden: [256, 64] },
    cohort: { deadlineSeconds: 300 },
  })
  const undisturbed = await run(spec, { home: null })
  for (const [name, faults] of [...Object.entries(kinds), ['cut every two seconds for one', {}] as const]) {
    const { alliance, lines: all } = await onLines(spec, faults)
    const cutting = name.startsWith('cut') ? setInterval(() => [...all.values()].forEach((line) => line.cut(1_000)), 2_000) : undefined
    try {
      const startedMs = monotonicMs()
      const processes = [alliance.coordinator(), ...alliance.sites.map(alliance.node)]
      const before = await Promise.all(processes.map(({ child }) => cpuSeconds(child.pid)))
      const hash = hashOf(await alliance.run(spec))
      const seconds = (monotonicMs() - startedMs) / 1000
      const after = await Promise.all(processes.map(({ child }) => cpuSeconds(child.pid)))
      const used = after.map((total, i) => (total ?? Number.NaN) - (before[i] ?? Number.NaN))
      const cuts = [...all.values()].reduce((sum, line) => sum + line.cuts(), 0)
      console.log(
        `${name}: ${seconds.toFixed(1)} s, ${cuts} cuts; CPU: coordinator ${used[0]?.toFixed(1)} s, the busiest node ${Math.max(...used.slice(1)).toFixed(1)} s`,
      )
      expect('the same model', hash === undisturbed.modelHash)
      // idle with lines that are down for good: who spins shows here
      for (const line of all.values()) line.cut(60_000)
      const quiet = await Promise.all(processes.map(({ child }) => cpuSeconds(child.pid)))
      await sleep(10_000)
      const later = await Promise.all(processes.map(({ child }) => cpuSeconds(child.pid)))
      const share = Math.max(...later.map((total, i) => (total ?? Number.NaN) - (quiet[i] ?? Number.NaN))) / 10
      expect(`without a line nobody spins: at most ${(100 * share).toFixed(1)} % of a core`, Number.isNaN(share) || share < 0.1)
    } finally {
      clearInterval(cutting)
      await alliance.close()
      for (const line of all.values()) line.close()
    }
  }
}

const cut = async (seconds: number): Promise<void> => {
  // 30 · 5000 + 5000 · 5900 + … : 30 million parameters
  const spec = resolveSpec({
    task: 'breast-cancer',
    rounds: 1,
    partition: { kind: 'iid', sites: 2 },
    model: { kind: 'mlp', hidden: [5000, 5900] },
    local: { steps: 1 },
    engine: { kind: 'native' },
    cohort: { deadlineSeconds: 3600 },
  })
  const { alliance, lines: all } = await onLines(spec, {})
  try {
    const [site = ''] = alliance.sites
    const line = all.get(site)
    if (line === undefined) throw new Error('no line')
    let cutAt: number | undefined
    const startedMs = monotonicMs()
    const watcher = setInterval(() => {
      const { up } = line.carried()
      if (cutAt !== undefined || up < 66e6) return
      cutAt = up
      line.cut(seconds * 1000)
      console.log(`  cut after ${(up / 1e6).toFixed(0)} MB of the upload, for ${seconds} s`)
    }, 2)
    const hash = hashOf(
      await alliance.run(spec, (event) => {
        if (event.kind === 'roundCommitted')
          console.log(
            `  round ${event.round} committed with ${event.counted.length} sites, attempt ${event.attempt}, ${(event.bytesUp / 1e6).toFixed(0)} MB up`,
          )
        if (event.kind === 'roundAborted') console.log(`  round ${event.round} aborted: ${event.cause}`)
      }),
    )
    clearInterval(watcher)
    const { up } = line.carried()
    console.log(`  ${((monotonicMs() - startedMs) / 1000).toFixed(0)} s in all, model ${hash.slice(0, 12)}`)
    expect(
      `the line carried ${(up / 1e6).toFixed(0)} MB up in all: what had come before the cut did not come again`,
      cutAt !== undefined && up < 135e6,
    )
  } finally {
    await alliance.close()
    for (const line of all.values()) line.close()
  }
}

const [trial, count] = process.argv.slice(2)
if (trial === 'kills') await kills(Number(count ?? 20))
else if (trial === 'lines') await lines()
else if (trial === 'cut') await cut(Number(count ?? 20))
else console.log('kills [20] | lines | cut [seconds]')
