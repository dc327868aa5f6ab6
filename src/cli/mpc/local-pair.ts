// Two processes on this machine, connected by TLS: what two terminals would do.
import { type ChildProcess, fork } from 'node:child_process'
import { YimengError } from '../../base/index.ts'
import { freshCode } from '../../runtime/index.ts'
import type { Job, JobOutcome } from './job.ts'
import type { PartyOrder, PartyReport } from './party-process.ts'

const start = (): ChildProcess => {
  // published, the file beside this one is JavaScript
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fork(new URL(`./party-process.${extension}`, import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

/** Runs both sides. @throws YimengError of the side that failed first; the other process is stopped. */
export const runPair = async (guest: Job, host: Job): Promise<{ readonly guest: JobOutcome; readonly host: JobOutcome }> => {
  const code = freshCode()
  const children = [start(), start()] as const
  const outcome = (child: ChildProcess, listening?: (port: number) => void): Promise<JobOutcome> =>
    new Promise((resolve, reject) => {
      child.on('message', (message) => {
        const told = message as PartyReport
        if ('listening' in told) listening?.(told.listening)
        else if ('outcome' in told) resolve(told.outcome)
        else if ('fault' in told) reject(new YimengError(told.fault))
      })
      child.on('error', reject)
      child.on('exit', () =>
        reject(new YimengError({ code: 'mpc-process', cannot: 'run party', expected: 'an outcome', got: 'a process that ended' })),
      )
    })
  const order = (child: ChildProcess, message: PartyOrder): void => void child.send(message)
  try {
    const first = outcome(children[0], (port) => order(children[1], { job: host, code, port }))
    const second = outcome(children[1])
    order(children[0], { job: guest, code })
    const [mine, theirs] = await Promise.all([first, second])
    return { guest: mine, host: theirs }
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill()
  }
}
