import { expect, test } from 'vitest'
import { trimmedMean } from '../folds/trimmed-mean.ts'
import type { Mean } from '../folds/weighted-mean.ts'
import { algorithm, type Strategy } from '../strategy.ts'
import { plain } from '../sums/plain.ts'
import { onlyAt, scaling, signFlip } from '../transforms/attacks.ts'
import { type Transform, transformed } from '../transforms/transform.ts'
import type { Update } from '../update.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'
import { type Rows, regression, regressionLayout as layout, regressionSites } from './regression.test-support.ts'
import { fedBulyan, fedKrum, fedMedian, fedTrimmedMean, flTrustStrategy, normClipping, type RobustStrategy, rfa, robust } from './robust.ts'
import { train } from './train.test-support.ts'

// eleven hospitals with rows of one kind, two of which lie
const pooled = regressionSites([330])['site0']!
const part = (k: number): Rows => ({
  inputs: pooled.inputs.slice(k * 90, (k + 1) * 90),
  targets: pooled.targets.slice(k * 30, (k + 1) * 30),
})
const sites = Object.fromEntries(Array.from({ length: 11 }, (_, k) => [`site${String(k).padStart(2, '0')}`, part(k)]))
const liars = new Set(['site04', 'site09'])

/** Mean loss over all rows. */
const lossOf = (w: Float32Array): number =>
  pooled.targets.reduce((sum, target, r) => sum + [0, 1, 2].reduce((out, i) => out + pooled.inputs[r * 3 + i]! * w[i]!, -target) ** 2, 0) /
  330

const strategies = {
  fedMedian: fedMedian({ layout }),
  fedTrimmedMean: fedTrimmedMean({ layout, share: 0.2 }),
  fedKrum: fedKrum({ layout, liars: 2 }),
  multiKrum: fedKrum({ layout, liars: 2, keep: 7 }),
  fedBulyan: fedBulyan({ layout, liars: 2 }),
  rfa: rfa({ layout }),
  normClipping: normClipping({ layout }),
  flTrust: flTrustStrategy({ layout, trusted: 'site00' }),
}
const attacks = { signFlip: signFlip(10), scaling: scaling(-100) }
const run = (strategy: RobustStrategy, attack?: Transform<Update, Update>) => {
  const it = attack === undefined ? strategy : transformed(strategy, onlyAt(liars, attack), strategy.fold)
  return train(algorithm(it as Strategy<ModelState, Update, unknown, Mean, unknown>, regression, plain()), { rounds: 25, sites })
}

test.each(Object.keys(strategies).flatMap((name) => Object.keys(attacks).map((attack) => [name, attack] as const)))(
  '%s under %s by two of eleven is within 0.03 of the clean run of FedAvg',
  async (name, attack) => {
    const clean = await train(algorithm(fedAvg({ layout }), regression, plain()), { rounds: 25, sites })
    const { model } = await run(strategies[name as keyof typeof strategies], attacks[attack as keyof typeof attacks])
    expect(Math.abs(lossOf(model) - lossOf(clean.model))).toBeLessThan(0.03)
  },
)

test.each(Object.keys(attacks))('the mean under %s is lost', async (attack) => {
  const mean = robust('mean', layout, trimmedMean({ layout }, 0))
  await expect(run(mean, attacks[attack as keyof typeof attacks]).then(({ model }) => lossOf(model))).resolves.toBeGreaterThan(5)
})
