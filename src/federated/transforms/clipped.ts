// Clipping as a transform: from an update to one with a proven bound. Clip differences, not models: a model's norm says nothing about what a site changed.
import type { Bounded, Clip } from '../../privacy/index.ts'
import type { Update } from '../update.ts'
import { pure, type Transform } from './transform.ts'

/** Scales every update down to the clip's L2 bound. NaN and Inf fail with `clip-finite`. */
export const clipped = (clip: Clip): Transform<Update, Bounded<Update>> => pure(`clip(${clip.l2})`, (update) => clip(update))
