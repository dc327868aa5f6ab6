// Dropout (Srivastava et al. 2014): while training, values are zeroed at random and the rest scaled up, so that the expectation stays.
import { YimengError } from '../../base/index.ts'
import type { Node } from '../graph/node.ts'
import type { Mode } from '../models/model.ts'
import { mul } from '../ops/elementwise.ts'
import { reshape } from '../ops/structure.ts'
import type { Shape } from '../types.ts'

const drop = (mode: Mode, x: Node, rate: number, mask: Shape): Node => {
  if (!(rate >= 0 && rate < 1))
    throw new YimengError({ code: 'layer-option', cannot: 'drop out', expected: 'a rate in [0, 1)', got: String(rate) })
  if (!mode.training || rate === 0) return x
  return mul(x, mul(reshape(mode.keep(1 - rate, mask), [...mask, ...x.shape.slice(mask.length).map(() => 1)]), 1 / (1 - rate)))
}

/** Zeroes single values. PyTorch's nn.Dropout. */
export const dropout = (mode: Mode, x: Node, rate: number): Node => drop(mode, x, rate, x.shape)

/** Zeroes whole channels: `[batch, channels, …]`. PyTorch's nn.Dropout2d. */
export const dropoutChannels = (mode: Mode, x: Node, rate: number): Node => drop(mode, x, rate, x.shape.slice(0, 2))
