// The plain sum: every node sends its update as it is, the server lifts and adds.
// Adversary: none. The server can read each site's update; only the transport's encryption protects it from others.
// Carries any fold, and travels small: the input's own codec (float32, compressed, sparse …) is what goes over the wire.
import type { NodeId } from '../placement.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { gather } from '../gather.ts'

/** The plain sum. Each contribution is folded in as it arrives and then forgotten; the fold's monoid is exact, so the order of arrival does not show. */
export const plain = (): SumProtocol<'any'> => ({
  name: 'plain',
  carries: 'any',
  contribute: async (how, input, _, to) => to.send(how.input.encode(input)),
  collect: async (how, cohort) => {
    let total = how.sum.zero()
    const from: NodeId[] = []
    const refused = new Map<NodeId, string>()
    await gather(
      cohort,
      refused,
      async (channel, waiting, node) => how.lift(how.input.decode(await channel.receive(waiting)), node),
      (lifted, node) => {
        total = how.sum.add(total, lifted)
        from.push(node)
      },
      cohort.enough,
    )
    from.sort()
    return from.length >= Math.max(cohort.quorum, 1) ? { kind: 'collected', total, from, refused } : { kind: 'lostQuorum', from, refused }
  },
})
