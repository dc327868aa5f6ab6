// The image sets that Yimeng knows by name.
import { brainTumour } from './brain-tumour.ts'
import { digits } from './digits.ts'
import { adrenal, pneumonia } from './medmnist.ts'
import { mnist } from './mnist.ts'
import type { NamedImageSet } from './named-image-set.ts'

export type { ImageSetFiles, NamedImageSet } from './named-image-set.ts'

/** The named image sets. `digits` is a table of that name too. */
export const namedImageSets: readonly NamedImageSet[] = [mnist, pneumonia, adrenal, brainTumour, digits]
