// The plain sum: every node sends its update as it is, the server lifts and adds.
// Adversary: none. The server can read each site's update; only the transport's encryption protects it from others.
// Carries any fold, and travels small: the input's own codec (float32, compressed, sparse …) is what goes over the wire.
import { type Channel, lookInto, partsOf, sendParts, type StoredBytes, turns } from '../../base/index.ts'
import { type Aggregation, storedFold } from '../aggregation.ts'
import { causeOf } from '../frame.ts'
import { gather } from '../gather.ts'
import type { NodeId } from '../placement.ts'
import type { Cohort, Sum, SumProtocol } from '../sum-protocol.ts'

const receiveStored = (channel: Channel, waiting: AbortSignal): Promise<Uint8Array | StoredBytes> =>
  (channel.receiveStored ?? channel.receive)(waiting)

/**
 * The plain sum. Each contribution is folded in as it arrives and then forgotten; large ones stay where the channel keeps them, where the fold can do with that. The fold's monoid is exact, so
 * the order of arrival does not show.
 */
export const plain = (): SumProtocol<'any'> => ({
  name: 'plain',
  carries: 'any',
  contribute: async (how, input, _, to) => sendParts(to, partsOf(how.input, input)),
  collect: async <I, A, O>(how: Aggregation<I, A, O>, cohort: Cohort): Promise<Sum<'any', A, O>> => {
    let total: A | undefined
    let left = 0
    const from: NodeId[] = []
    const refused = new Map<NodeId, string>()
    const add = how.addTo ?? ((sum: A, input: I, node: NodeId) => how.sum.add(sum, how.lift(input, node)))
    const read = how.addTo === undefined ? how.input.decode : (frame: Uint8Array) => lookInto(how.input, frame)
    const apart = storedFold(how)
    // one at a time is read, however many there are
    const inTurn = turns()
    const arrival = async (channel: Channel, waiting: AbortSignal, node: NodeId): Promise<() => void> => {
      const addition = (frame: Uint8Array) => (): void => {
        total = add(total ?? how.sum.zero(), read(frame), node)
      }
      if (apart === undefined) return addition(await channel.receive(waiting))
      const frame = await receiveStored(channel, waiting)
      if (frame instanceof Uint8Array) return addition(frame)
      const count = await inTurn(() => apart.check(frame, node))
      return () => {
        count()
        left += 1
      }
    }
    await gather(
      cohort,
      refused,
      arrival,
      (count, node) => {
        try {
          count()
          from.push(node)
          return undefined
        } catch (error) {
          return causeOf(error)
        }
      },
      cohort.enough,
    )
    from.sort()
    if (from.length < Math.max(cohort.quorum, 1)) return { kind: 'lostQuorum', from, refused }
    if (left > 0 && apart !== undefined) return { kind: 'finished', result: await apart.finish(total), from, refused }
    return { kind: 'collected', total: total ?? how.sum.zero(), from, refused }
  },
})
