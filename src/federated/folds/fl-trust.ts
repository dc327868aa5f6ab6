// FLTrust: one site that the server trusts shows the direction; the others count as far as they agree with it. Fold differences with it, not models.
// Cao, Fang, Liu, Gong 2021, "FLTrust: Byzantine-robust federated learning via trust bootstrapping", NDSS, section IV-B:
//   TSₖ = max(0, cos(Δₖ, Δ₀));   Σₖ TSₖ · (‖Δ₀‖ / ‖Δₖ‖) · Δₖ / Σₖ TSₖ
// Δ₀ comes from the trusted node's own (root) data: the server's, or a site's that nobody doubts. It is not among the k.
import { YimengError } from '../../base/index.ts'
import type { NodeId } from '../placement.ts'
import type { VectorShape } from './lifting.ts'
import { length } from './norm-clipped-mean.ts'
import { mix, type RobustFold, singleUpdates } from './single-updates.ts'

/** The trusted direction's mean. If nobody agrees with it at all the result is 0. From `finish`: YimengError `fold-trusted` when the trusted node's update is missing. */
export const flTrust = (shape: VectorShape, trusted: NodeId): RobustFold =>
  singleUpdates('FLTrust', shape, ({ updates, nodes, size }) => {
    const root = updates[nodes.indexOf(trusted)]?.values
    if (root === undefined)
      throw new YimengError({ code: 'fold-trusted', cannot: 'take FLTrust', expected: `an update of ${trusted}`, got: nodes.join(', ') })
    const lengths = updates.map(({ values }) => length(values))
    const reference = length(root)
    const trust = updates.map(({ values }, k) => {
      if (nodes[k] === trusted || lengths[k] === 0 || reference === 0) return 0
      return Math.max(0, values.reduce((sum, value, i) => sum + value * root[i]!, 0) / (lengths[k]! * reference))
    })
    const total = trust.reduce((sum, score) => sum + score, 0)
    return {
      values: mix(
        updates,
        trust.map((score, k) => (score === 0 ? 0 : (score / total) * (reference / lengths[k]!))),
        size,
      ),
    }
  })
