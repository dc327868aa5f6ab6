// One of several parties in a process of its own, for `psi count --local`: its parent tells it its job, it tells its ports, hears where the others listen, and tells its outcome.
import { type Channel, type Fault, YimengError } from '../../base/index.ts'
import { neighboursOf } from '../../mpc/index.ts'
import { connectTls, listenTls } from '../../runtime/index.ts'
import { type CountJob, type CountOutcome, runCountJob } from './count-job.ts'
import { faultOf, tellParent } from './fault-report.ts'

/** To the child: first its job, then the ports of the parties before it. */
export type CountOrder = { readonly job: CountJob; readonly code: string } | { readonly ports: Readonly<Record<number, number>> }

/** From the child: the port on which it waits for each party after it, then how it ended. */
export type CountReport =
  | { readonly listening: Readonly<Record<number, number>> }
  | { readonly outcome: CountOutcome }
  | { readonly fault: Omit<Fault, 'cause'> }

const report = (message: CountReport): Promise<void> => tellParent(message)

const nextOrder = (): Promise<CountOrder> => new Promise((resolve) => process.once('message', (message) => resolve(message as CountOrder)))

const take = async (): Promise<void> => {
  const first = await nextOrder()
  if (!('job' in first)) throw new YimengError({ code: 'mpc-process', cannot: 'run party', expected: 'a job', got: 'another order' })
  const { job, code } = first
  const others = neighboursOf(job.me, job.spec.parties)
  const listeners = new Map<number, Awaited<ReturnType<typeof listenTls>>>()
  for (const party of others) if (party > job.me) listeners.set(party, await listenTls({ port: 0, code }))
  const told = nextOrder()
  await report({ listening: Object.fromEntries([...listeners].map(([party, { port }]) => [party, port])) })
  const order = await told
  const ports = 'ports' in order ? order.ports : {}
  const channels = new Map<number, Channel>()
  await Promise.all(
    others.map(async (party) => {
      const listener = listeners.get(party)
      channels.set(party, await (listener === undefined ? connectTls({ port: ports[party] as number, code }) : listener.accepted))
    }),
  )
  await report({ outcome: await runCountJob(channels, job) })
  await Promise.all([...channels.values()].map((channel) => channel.close()))
}

try {
  await take()
} catch (cause) {
  await report({ fault: faultOf(cause) })
}
process.disconnect()
