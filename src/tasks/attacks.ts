// Sites that lie, to try robust folds with. A liar does what every site does, but on spoilt rows, or it bends what it trained before it goes anywhere: so every strategy can be attacked.
//   signFlip    Li, Xu, Chen, Giannakis, Ling 2019, "RSA", AAAI, section 5:   w ← x − strength·(w − x), x the model as received
//   scaling     Bagdasaryan, Veit, Hua, Estrin, Shmatikov 2020, "How to backdoor federated learning", AISTATS, section 4.2 (model replacement):   w ← x + factor·(w − x)
//   alie        Baruch, Baruch, Goldberg 2019, "A little is enough", NeurIPS, algorithm 1:   w ← mean − z·stddev over what the liar knows: here shadows, trained on parts of its rows
//   labelFlip   Tolpegin, Truex, Gursoy, Liu 2020, "Data poisoning attacks against federated learning systems", ESORICS:   class c is called C − 1 − c
//   backdoor    Bagdasaryan et al. 2020 with the trigger of Gu, Dolan-Gavitt, Garg 2017, "BadNets", section 4:   some rows get a bright corner and the target class; w is boosted as above
import { alie, alieDeviations, type LocalWork } from '../federated/index.ts'
import type { TrainingSite } from './label-skew.ts'
import type { AttackSpec } from './run-spec.ts'
import { isHeld, type TrainingRows } from './training-rows.ts'

/** Parts of its rows that an {@link alie} liar takes for other sites. */
const SHADOWS = 3
/** Side of the trigger's square; of inputs without sides, how many of the last ones. */
const SIDE = 3

/**
 * Inputs `[rows, ...shape]` with the trigger on the rows that `marked` names by their place: the last places along each axis but the first (channels), or the last columns.
 *
 * @example
 * ```ts
 * assert.deepEqual([...stamped(new Float32Array(5), [5], 1, () => true)], [0, 0, 1, 1, 1])
 * ```
 */
export const stamped = (inputs: Float32Array, shape: readonly number[], value: number, marked: (at: number) => boolean): Float32Array => {
  const axes = shape.length === 1 ? shape : shape.slice(1)
  const size = shape.reduce((product, length) => product * length, 1)
  const inCorner = (place: number): boolean => {
    let rest = place
    for (const length of [...axes].reverse()) {
      if (rest % length < length - SIDE) return false
      rest = Math.floor(rest / length)
    }
    return true
  }
  return inputs.map((was, i) => (inCorner(i % size) && marked(Math.floor(i / size)) ? value : was))
}

/** The class of each row changed; a target may hold more than its class. */
const relabelled = (train: TrainingRows, to: (label: number, row: number) => number): Float32Array => {
  const width = train.targets.length / train.rows
  return train.targets.map((was, i) => (i % width === 0 ? to(was, i / width) : was))
}

/** Whether a row is of the share that is poisoned. */
const poisoned = (share: number) => (row: number) => Math.floor((row + 1) * share) > Math.floor(row * share)

const backdoored = (train: TrainingRows, { share, target, trigger }: Extract<AttackSpec, { readonly kind: 'backdoor' }>): TrainingRows => {
  const marked = poisoned(share)
  const targets = relabelled(train, (label, row) => (marked(row) ? target : label))
  if (isHeld(train)) return { ...train, inputs: stamped(train.inputs, train.inputShape, trigger, marked), targets }
  const inputs: typeof train.inputs = async (rows, random) =>
    stamped(await train.inputs(rows, random), train.inputShape, trigger, (at) => marked(rows[at] ?? 0))
  return { ...train, inputs, targets }
}

/** Every `SHADOWS`-th row, from `first` on. */
const shadow = (train: TrainingRows, first: number): TrainingRows => {
  const rows = Uint32Array.from({ length: Math.ceil((train.rows - first) / SHADOWS) }, (_, i) => first + i * SHADOWS)
  const taken = (values: Float32Array): Float32Array => {
    const width = values.length / train.rows
    return Float32Array.from(
      { length: rows.length * width },
      (_, i) => values[(rows[Math.floor(i / width)] ?? 0) * width + (i % width)] ?? 0,
    )
  }
  const part = { rows: rows.length, targets: taken(train.targets) }
  if (isHeld(train)) return { ...train, ...part, inputs: taken(train.inputs) }
  const inputs: typeof train.inputs = (at, random) =>
    train.inputs(
      at.map((i) => rows[i] ?? 0),
      random,
    )
  return { ...train, ...part, inputs }
}

/** What is public about those who are attacked: classes to predict, and sites in a round, as far as that is known. */
export interface Attacked {
  readonly classes: number | undefined
  readonly sites: number | undefined
}

/** Local work that lies at the attack's sites and is honest at all others. */
export const attackedWork = (
  honest: LocalWork<TrainingSite>,
  attack: AttackSpec,
  { classes = 2, sites }: Attacked,
): LocalWork<TrainingSite> => {
  if (attack.kind === 'none') return honest
  const liars = new Set(attack.sites)
  // one spoilt site for all rounds: the engine knows a site's rows by identity
  const spoilt = new WeakMap<TrainingSite, readonly TrainingSite[]>()
  const parts = (site: TrainingSite): readonly TrainingRows[] => {
    if (attack.kind === 'backdoor') return [backdoored(site.train, attack)]
    if (attack.kind === 'labelFlip') return [{ ...site.train, targets: relabelled(site.train, (label) => classes - 1 - label) }]
    return Array.from({ length: Math.min(SHADOWS, site.train.rows) }, (_, first) => shadow(site.train, first))
  }
  const spoiltParts = (site: TrainingSite): readonly TrainingSite[] => {
    const made = spoilt.get(site) ?? parts(site).map((train) => ({ train }))
    spoilt.set(site, made)
    return made
  }
  return async (node, published) => {
    if (!liars.has(node.id)) return honest(node, published)
    const { values: received } = published
    const [only, ...others] = attack.kind === 'signFlip' || attack.kind === 'scaling' ? [node.site] : spoiltParts(node.site)
    const trained = await honest({ ...node, site: only ?? node.site }, published)
    const times = (factor: number) => trained.values.map((value, i) => (received[i] ?? 0) + factor * (value - (received[i] ?? 0)))
    if (attack.kind === 'signFlip') return { ...trained, values: times(-attack.strength) }
    if (attack.kind === 'scaling') return { ...trained, values: times(attack.factor) }
    if (attack.kind === 'backdoor') return { ...trained, values: times(attack.boost) }
    if (attack.kind === 'labelFlip') return trained
    const known = [trained.values]
    for (const [k, site] of others.entries())
      known.push((await honest({ ...node, site, seed: node.seed.split('shadow', k) }, published)).values)
    const z = attack.deviations ?? (sites === undefined ? 1 : alieDeviations(sites, liars.size))
    return { ...trained, weight: node.site.train.rows, values: alie(known, z) }
  }
}
