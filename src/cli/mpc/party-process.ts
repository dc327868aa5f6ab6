// A party in a process of its own, for --local and for measurements: its parent tells it a job and where the peer is, it tells its port, that it is connected,
// and then the outcome.
import type { Fault } from '../../base/index.ts'
import { connectTls, listenTls } from '../../runtime/index.ts'
import { faultOf, tellParent } from './fault-report.ts'
import { type Job, type JobOutcome, runJob } from './job.ts'

/** To the child. Without a port it listens, as the guest; with one it connects, as the host. */
export interface PartyOrder {
  readonly job: Job
  readonly code: string
  readonly port?: number
}

/** From the child. */
export type PartyReport =
  | { readonly listening: number }
  | { readonly connected: true }
  | { readonly outcome: JobOutcome }
  | { readonly fault: Omit<Fault, 'cause'> }

const report = (message: PartyReport): Promise<void> => tellParent(message)

const take = async ({ job, code, port }: PartyOrder): Promise<void> => {
  try {
    const channel = await (async () => {
      if (port !== undefined) return connectTls({ port, code })
      const listener = await listenTls({ port: 0, code })
      await report({ listening: listener.port })
      return listener.accepted
    })()
    await report({ connected: true })
    await report({ outcome: await runJob(channel, port === undefined ? 'guest' : 'host', job) })
    await channel.close()
  } catch (cause) {
    await report({ fault: faultOf(cause) })
  }
  process.disconnect()
}

process.once('message', (order) => void take(order as PartyOrder))
