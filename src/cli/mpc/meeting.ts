// How the two sides of a secure job meet: one waits on a port and shows a code, the other connects with it; or both run here, in two processes.
import { connectTls, freshCode, listenTls } from '../../runtime/index.ts'
import { UsageError } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { type Job, type JobOutcome, runJob } from './job.ts'
import { runPair } from './local-pair.ts'
import { mpcTexts } from './texts.ts'

/** Options of every command that meets another side. */
export interface MeetingOptions {
  readonly listen?: string
  readonly connect?: string
  readonly code?: string
  readonly local?: boolean
}

/** The outcome of this side; with `--local` of both. The listening side is the guest. */
export type Met =
  | { readonly kind: 'one'; readonly me: 'guest' | 'host'; readonly mine: JobOutcome }
  | { readonly kind: 'both'; readonly guest: JobOutcome; readonly host: JobOutcome }

const portOf = (text: string, terminal: Terminal): number => {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new UsageError(terminal.texts.usage.badValue('--listen', text, terminal.texts.usage.wholeNumber(0, 65_535)))
  return port
}

/** Meets the other side and does the job; `job` is told which side it is for. @throws UsageError when the options name no way to meet. */
export const meet = async (options: MeetingOptions, terminal: Terminal, job: (side: 'mine' | 'other') => Job): Promise<Met> => {
  const texts = mpcTexts[terminal.language]
  if (options.local === true) {
    const { guest, host } = await runPair(job('mine'), job('other'))
    return { kind: 'both', guest, host }
  }
  if (options.listen !== undefined) {
    const code = options.code ?? freshCode()
    // asked to wait: on every interface, because the code protects the door
    const listener = await listenTls({ host: '0.0.0.0', port: portOf(options.listen, terminal), code })
    terminal.warn(texts.waiting(listener.port, code))
    const stop = (): void => listener.close()
    process.once('SIGINT', stop)
    const channel = await listener.accepted.finally(() => process.off('SIGINT', stop))
    const mine = await runJob(channel, 'guest', job('mine'))
    await channel.close()
    return { kind: 'one', me: 'guest', mine }
  }
  const [, host, port] = /^(.+):(\d+)$/.exec(options.connect ?? '') ?? []
  if (host === undefined || port === undefined || options.code === undefined) throw new UsageError(texts.where)
  const channel = await connectTls({ host, port: Number(port), code: options.code })
  const mine = await runJob(channel, 'host', job('mine'))
  await channel.close()
  return { kind: 'one', me: 'host', mine }
}
