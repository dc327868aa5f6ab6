// How measurements are taken: everything is warmed up (the engine compiles what is hot only after a while), then run again and again for a while; a line tells the median run and how many there
// were. Protocols: both parties wait for each other before each run, and its time ends when both are done. Nothing secret is involved.
import { monotonicMs } from '../../base/index.ts'
import type { Party } from '../party.ts'
import type { Wire } from '../wire.ts'

/** One line of the table. */
export interface Measurement {
  readonly name: string
  /** How many of `unit` are done in one run. */
  readonly count: number
  readonly unit: string
  /** Runs that were timed, after others to warm up. */
  readonly runs: number
  /** Of one run, the median. */
  readonly ms: number
  /** Processor time of this party in one run, on average; its share of TLS included. On a busy machine it says more than `ms`. */
  readonly cpuMs: number
  /** Sent by this party in one run, headers included; absent for kernels. */
  readonly bytes?: number
  readonly rounds?: number
}

/** What one run does. */
export interface Amount {
  readonly count: number
  readonly unit: string
}

/** A share of the time is for warming up. */
const WARM_UP = 0.5
const FEWEST_RUNS = 3

const processorMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** A kernel, for about `seconds` after it was warmed up. */
export const timeKernel = (name: string, { count, unit }: Amount, seconds: number, run: () => void): Measurement => {
  const warm = monotonicMs()
  do run()
  while (monotonicMs() - warm < seconds * 1000 * WARM_UP)
  const samples: number[] = []
  const start = monotonicMs()
  const used = process.cpuUsage()
  for (let last = start; samples.length < FEWEST_RUNS || last - start < seconds * 1000; ) {
    run()
    const now = monotonicMs()
    samples.push(now - last)
    last = now
  }
  return { name, count, unit, runs: samples.length, ms: median(samples), cpuMs: processorMs(used) / samples.length }
}

/** Times a protocol. */
export type TimeProtocol = (name: string, amount: Amount, run: () => Promise<unknown>, seconds?: number) => Promise<void>

const [STOP, WARM, TIMED] = [0, 1, 2]

/** Both parties' runs of protocols, noted in `list`. `line` says what comes next: the guest decides. What `run` sends over another wire on the same channel is read from `traffic`. */
export const protocolTimer =
  (
    me: Party,
    line: Wire,
    seconds: number,
    list: Measurement[],
    traffic: () => { readonly sent: number; readonly rounds: number },
  ): TimeProtocol =>
  async (name, { count, unit }, run, time = seconds) => {
    const samples: number[] = []
    let cpuMs = 0
    let start = monotonicMs()
    let kind: number = WARM
    let sent = { bytes: 0, rounds: 0 }
    const decide = (): number => {
      const spent = monotonicMs() - start
      if (kind === WARM) {
        if (spent < time * 1000 * WARM_UP) return WARM
        start = monotonicMs()
        return TIMED
      }
      return samples.length < FEWEST_RUNS || spent < time * 1000 ? TIMED : STOP
    }
    while (kind !== STOP) {
      // both are ready, and start together
      await line.exchange('ready', new Uint8Array(0))
      const before = traffic()
      const used = process.cpuUsage()
      const from = monotonicMs()
      await run()
      const after = traffic()
      await line.exchange('measured', new Uint8Array(0))
      if (kind === TIMED) {
        samples.push(monotonicMs() - from)
        cpuMs += processorMs(used)
        sent = { bytes: after.sent - before.sent, rounds: after.rounds - before.rounds }
      }
      if (me === 'guest') {
        kind = decide()
        line.send('next run', Uint8Array.of(kind))
      } else [kind = STOP] = await line.receive('next run', 1)
    }
    list.push({ name, count, unit, runs: samples.length, ms: median(samples), cpuMs: cpuMs / samples.length, ...sent })
  }
