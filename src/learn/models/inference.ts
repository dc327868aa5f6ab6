// How a model runs when it is not trained.
import { YimengError } from '../../base/index.ts'
import type { Mode } from './model.ts'

/** Stored statistics, nothing dropped, nothing updated. A model that asks for a mask all the same is refused with `model-mode`. */
export const inference: Mode = {
  training: false,
  update: () => {},
  keep: () => {
    throw new YimengError({ code: 'model-mode', cannot: 'predict', expected: 'a model without randomness', got: 'a mask' })
  },
}
