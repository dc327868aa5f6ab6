// Inversion of what sites really send: the update of a whole round, over many steps and rows. Division of a dense first layer then gives a mixture of rows, from which one may still stand out;
// how near the plain mean of the rows comes to one of them says what nearness is worth.
import type { Seed } from '../../base/index.ts'
import { nodeSeed } from '../../federated/index.ts'
import type { Batchable, Model, Trainer } from '../../learn/index.ts'
import { initialSeed, localWork, type RunSpec } from '../../tasks/index.ts'
import { byDivision, correlation } from './inversion.ts'

/** What came of the sites' updates of the first round, in the clear and without noise. */
export interface RealUpdates {
  readonly sites: number
  /** Largest correlation of a rebuilt row with one of its site's, over all sites. */
  readonly closest: number
  /** The same of the mean of a site's rows, which is no attack. */
  readonly mean: number
}

const closestRow = ({ inputs, rows }: Batchable, to: Float64Array): number => {
  let best = -1
  for (let row = 0; row < rows; row += 1)
    best = Math.max(best, correlation(Float64Array.from(inputs.subarray(row * to.length, (row + 1) * to.length)), to))
  return best
}

const meanRow = ({ inputs, rows }: Batchable): Float64Array => {
  const width = inputs.length / rows
  return Float64Array.from({ length: width }, (_, i) => {
    let sum = 0
    for (let row = 0; row < rows; row += 1) sum += inputs[row * width + i]!
    return sum / rows
  })
}

/** Trains every site's first round and inverts what it would send; undefined where the first layer is no dense one. */
export const realUpdates = async (
  model: Model,
  trainer: Trainer,
  local: RunSpec['local'],
  sites: readonly { readonly name: string; readonly train: Batchable }[],
  seed: Seed,
  signal: AbortSignal,
): Promise<RealUpdates | undefined> => {
  const start = model.init(initialSeed(seed)).values
  const work = localWork(trainer, model.layout, local)
  let [closest, mean] = [-1, -1]
  for (const { name, train } of sites) {
    const node = { id: name, site: { train }, seed: nodeSeed(seed, 1, name), basedOn: 1, signal }
    const { values } = await work(node, { values: start, numbers: {}, vectors: {} })
    const rebuilt = byDivision(
      model,
      Float64Array.from(start, (before, i) => before - values[i]!),
    )
    if (rebuilt === undefined) return undefined
    closest = Math.max(closest, closestRow(train, rebuilt))
    mean = Math.max(mean, closestRow(train, meanRow(train)))
  }
  return { sites: sites.length, closest, mean }
}
