// Who takes part in a run, as the coordinator sees them: a channel, streams over it, and what the node said of itself.
import { type Channel, counted, type Traffic, YimengError } from '../base/index.ts'
import type { NodeId } from '../federated/index.ts'
import { CONTROL_STREAM, type Control, coordinatorControl, type Order, type Report } from './control.ts'
import { type MultiplexLimits, multiplexed } from './multiplex.ts'

/** A node that has been admitted to a run. */
export interface Member {
  readonly id: NodeId
  readonly trainRows: number
  readonly testRows: number
  /** A stream that no attempt has used. */
  readonly freshStream: () => { readonly stream: number; readonly channel: Channel }
  /** Closes the channel. */
  readonly close: () => Promise<void>
  readonly control: Control<Order, Report>
  /** Bytes over its channel since it was opened, frames included: `sent` by the coordinator. */
  readonly traffic: () => Traffic
}

/** What a node must agree on to be admitted. */
export interface Admission {
  readonly run: string
  readonly specHash: string
  /** How the last round of each stage ended for a node. */
  readonly last: (
    node: NodeId,
  ) => Promise<readonly { readonly stage: string; readonly round: number; readonly attempt: number; readonly counted: boolean }[]>
}

/**
 * Admits the node at the other end of a channel.
 *
 * @throws YimengError `member-refused` when it runs another spec or does not begin with a greeting.
 */
export const admit = async (channel: Channel, admission: Admission, signal: AbortSignal, limits?: MultiplexLimits): Promise<Member> => {
  const wire = counted(channel)
  const streams = multiplexed(wire, limits)
  const control = coordinatorControl(streams.stream(CONTROL_STREAM))
  const hello = await control.receive(signal)
  const refuse = async (expected: string, got: string, site: string): Promise<never> => {
    await streams.close()
    throw new YimengError({ code: 'member-refused', cannot: 'admit node', expected, got, where: { site, run: admission.run } })
  }
  if (hello.kind !== 'hello') return refuse('a greeting', hello.kind, 'unknown')
  const { site, run, specHash, trainRows, testRows } = hello
  if (run !== admission.run || specHash !== admission.specHash)
    return refuse('the same run and spec', `run ${run}, spec ${specHash.slice(0, 12)}`, site)
  await control.send({ kind: 'welcome', last: [...(await admission.last(site))] })
  let used = CONTROL_STREAM
  return {
    id: site,
    trainRows,
    testRows,
    freshStream: () => ({ stream: ++used, channel: streams.stream(used) }),
    close: streams.close,
    control,
    traffic: wire.traffic,
  }
}
