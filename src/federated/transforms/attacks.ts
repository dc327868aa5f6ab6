// Attacks of a site on a run, to try robust folds with: what a liar does to its update before sending it. Label flips and backdoors are attacks on its rows: they belong to data.
// Sign flip and scaling: Li, Xu, Chen, Giannakis, Ling 2019, "RSA", AAAI, section 5; Bagdasaryan et al. 2020, "How to backdoor federated learning", AISTATS, section 4 (model replacement).
// ALIE: Baruch, Baruch, Goldberg 2019, "A little is enough: circumventing defenses for distributed learning", NeurIPS, algorithm 1.
import { YimengError } from '../../base/index.ts'
import type { NodeId } from '../placement.ts'
import type { Update } from '../update.ts'
import { pure, type Transform } from './transform.ts'

const times =
  (factor: number) =>
  (update: Update): Update => ({ ...update, values: update.values.map((value) => factor * value) })

/** Sends −strength · Δ. */
export const signFlip = (strength = 1): Transform<Update, Update> => pure(`sign flip(${strength})`, times(-strength))

/** Sends factor · Δ: with the number of sites as the factor, the mean becomes the attacker's model. */
export const scaling = (factor: number): Transform<Update, Update> => pure(`scaling(${factor})`, times(factor))

/** The attack at some nodes, honesty at all others. */
export const onlyAt = (nodes: ReadonlySet<NodeId>, attack: Transform<Update, Update>): Transform<Update, Update> => ({
  ...attack,
  name: `${attack.name} at ${nodes.size}`,
  apply: (update, state, node) => (nodes.has(node.id) ? attack.apply(update, state, node) : [update, state]),
})

/** Standard normal distribution function, to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26). */
const normalCdf = (z: number): number => {
  const t = 1 / (1 + (0.3275911 * Math.abs(z)) / Math.SQRT2)
  const tail =
    0.5 * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp((-z * z) / 2)
  return z < 0 ? tail : 1 - tail
}

/** z_max: how many standard deviations `liars` of `sites` may lie off the mean with enough honest updates still further off. 0 when they need no honest ones: they are a majority. */
export const alieDeviations = (sites: number, liars: number): number => {
  const supporters = Math.floor(sites / 2 + 1) - liars
  const share = (sites - liars - supporters) / (sites - liars)
  if (!(liars >= 1 && liars < sites) || supporters < 1) return 0
  let [low, high] = [0, 8]
  if (normalCdf(0) >= share) return 0
  while (high - low > 1e-6) {
    const z = (low + high) / 2
    if (normalCdf(z) < share) low = z
    else high = z
  }
  return low
}

/** What all liars send together: mean − z · stddev of the updates that they know, in each coordinate. */
export const alie = (known: readonly Float32Array[], z: number): Float32Array => {
  const [first] = known
  if (first === undefined) throw new YimengError({ code: 'attack', cannot: 'attack', expected: 'known updates', got: 'none' })
  return first.map((_, i) => {
    const mean = known.reduce((sum, values) => sum + values[i]!, 0) / known.length
    const variance = known.reduce((sum, values) => sum + (values[i]! - mean) ** 2, 0) / known.length
    return mean - z * Math.sqrt(variance)
  })
}
