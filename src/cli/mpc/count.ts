// `yimeng psi count`: several parties, each in its terminal, or all here in processes of their own. Everybody talks to party 0, which asks, and to party 1.
import { type ChildProcess, fork } from 'node:child_process'
import { type Channel, YimengError } from '../../base/index.ts'
import { neighboursOf } from '../../mpc/index.ts'
import { connectTls, freshCode, listenTls } from '../../runtime/index.ts'
import { UsageError } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { type CountJob, type CountOutcome, runCountJob } from './count-job.ts'
import type { CountOrder, CountReport } from './count-process.ts'
import type { MeetingOptions } from './meeting.ts'
import { mpcTexts } from './texts.ts'

const start = (): ChildProcess => {
  // published, the file beside this one is JavaScript
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fork(new URL(`./count-process.${extension}`, import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

/** Runs all parties here. @throws YimengError of the first that failed; the others are stopped. */
export const countHere = async (jobs: readonly CountJob[]): Promise<readonly CountOutcome[]> => {
  const code = freshCode()
  const parties = jobs.map((job) => ({ job, child: start() }))
  const order = (child: ChildProcess, message: CountOrder): void => void child.send(message)
  const listening = new Map<number, Readonly<Record<number, number>>>()
  const tellPorts = (): void => {
    if (listening.size < jobs.length) return
    for (const { job, child } of parties)
      order(child, { ports: Object.fromEntries([...listening].map(([party, ports]) => [party, ports[job.me] ?? 0])) })
  }
  try {
    return await Promise.all(
      parties.map(
        ({ job, child }) =>
          new Promise<CountOutcome>((resolve, reject) => {
            child.on('message', (message) => {
              const told = message as CountReport
              if ('listening' in told) {
                listening.set(job.me, told.listening)
                tellPorts()
              } else if ('outcome' in told) resolve(told.outcome)
              else reject(new YimengError(told.fault))
            })
            child.on('error', reject)
            child.on('exit', () =>
              reject(new YimengError({ code: 'mpc-process', cannot: 'run party', expected: 'an outcome', got: 'a process that ended' })),
            )
            order(child, { job, code })
          }),
      ),
    )
  } finally {
    for (const { child } of parties) if (child.exitCode === null) child.kill()
  }
}

const listOf = (text: string | undefined): readonly string[] => (text ?? '').split(',').filter((part) => part !== '')

/** Runs my side with the others in their terminals: I wait for those after me and connect to those before me, in order. */
export const countWithOthers = async (job: CountJob, options: MeetingOptions, terminal: Terminal): Promise<CountOutcome> => {
  const texts = mpcTexts[terminal.language]
  const others = neighboursOf(job.me, job.spec.parties)
  const [before, after] = [others.filter((party) => party < job.me), others.filter((party) => party > job.me)]
  const [ports, places, codes] = [listOf(options.listen), listOf(options.connect), listOf(options.code)]
  if (ports.length !== after.length || places.length !== before.length || codes.length !== before.length)
    throw new UsageError(texts.countWhere(after.length, before.length))
  const waiting = await Promise.all(
    after.map(async (party, i) => {
      const code = freshCode()
      const listener = await listenTls({ host: '0.0.0.0', port: Number(ports[i]), code })
      terminal.warn(`${party}: ${texts.waiting(listener.port, code)}`)
      return { party, listener }
    }),
  )
  const stop = (): void => waiting.forEach(({ listener }) => listener.close())
  process.once('SIGINT', stop)
  const channels = new Map<number, Channel>()
  await Promise.all([
    ...before.map(async (party, i) => {
      const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(places[i] ?? '') ?? []
      channels.set(party, await connectTls({ host, port: Number(port), code: codes[i] ?? '' }))
    }),
    ...waiting.map(async ({ party, listener }) => void channels.set(party, await listener.accepted)),
  ]).finally(() => process.off('SIGINT', stop))
  const outcome = await runCountJob(channels, job)
  await Promise.all([...channels.values()].map((channel) => channel.close()))
  return outcome
}
