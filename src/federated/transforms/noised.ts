// Noise as a transform, at the node and before anything leaves it: local differential privacy, for the site as a whole.
// The weight would betray the number of rows, and the loss is not covered by the noise: every update counts alike, and its loss stays at home.
import type { Csprng } from '../../base/index.ts'
import type { Bounded, Mechanism } from '../../privacy/index.ts'
import type { Update } from '../update.ts'
import { pure, type Transform } from './transform.ts'

/** Perturbs every bounded update. What one round costs is `mechanism.event`. */
export const noised = (mechanism: Mechanism<Update>, rng: Csprng): Transform<Bounded<Update>, Update> =>
  pure('noise', (update) => ({ values: mechanism.perturb(update, rng).values, weight: 1 }))
