// The plain sum: every node sends its update as it is, the server lifts and adds.
// Adversary: none. The server can read each site's update; only the transport's encryption protects it from others.
// Carries any fold, and travels small: the input's own codec (float32, compressed, sparse …) is what goes over the wire.
import { lookInto, partsOf, sendParts } from '../../base/index.ts'
import type { NodeId } from '../placement.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { causeOf } from '../frame.ts'
import { gather } from '../gather.ts'

/** The plain sum. Each contribution is folded in as it arrives and then forgotten; the fold's monoid is exact, so the order of arrival does not show. */
export const plain = (): SumProtocol<'any'> => ({
  name: 'plain',
  carries: 'any',
  contribute: async (how, input, _, to) => sendParts(to, partsOf(how.input, input)),
  collect: async (how, cohort) => {
    let total = how.sum.zero()
    const from: NodeId[] = []
    const refused = new Map<NodeId, string>()
    const add = how.addTo ?? ((sum, input, node) => how.sum.add(sum, how.lift(input, node)))
    const read = how.addTo === undefined ? how.input.decode : (frame: Uint8Array) => lookInto(how.input, frame)
    await gather(
      cohort,
      refused,
      (channel, waiting) => channel.receive(waiting),
      (frame, node) => {
        try {
          total = add(total, read(frame), node)
          from.push(node)
          return undefined
        } catch (error) {
          return causeOf(error)
        }
      },
      cohort.enough,
    )
    from.sort()
    return from.length >= Math.max(cohort.quorum, 1) ? { kind: 'collected', total, from, refused } : { kind: 'lostQuorum', from, refused }
  },
})
