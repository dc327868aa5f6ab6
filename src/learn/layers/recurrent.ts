// Recurrent layers, as PyTorch's nn.GRU and nn.LSTM with batch_first, one direction; names with `_l0`, `_l1`, … for each layer.
import type { Node } from '../graph/node.ts'
import type { ParamNodes } from '../models/model.ts'
import { gru, lstm } from '../ops/recurrent.ts'
import { transpose } from '../ops/structure.ts'
import { kaimingUniform, type ParameterSpec } from './initialiser.ts'

/** Which cell. */
export type Cell = 'gru' | 'lstm'

const GATES = { gru: 3, lstm: 4 } as const

/** Weights and biases of `layers` stacked layers, uniform within 1/√hidden as PyTorch draws them. */
export const recurrentParameters = (name: string, cell: Cell, inputs: number, hidden: number, layers = 1): readonly ParameterSpec[] => {
  const initialiser = kaimingUniform(hidden)
  const wide = GATES[cell] * hidden
  return Array.from({ length: layers }, (_, k): readonly ParameterSpec[] => [
    { name: `${name}.weight_ih_l${k}`, shape: [wide, k === 0 ? inputs : hidden], initialiser },
    { name: `${name}.weight_hh_l${k}`, shape: [wide, hidden], initialiser },
    { name: `${name}.bias_ih_l${k}`, shape: [wide], initialiser },
    { name: `${name}.bias_hh_l${k}`, shape: [wide], initialiser },
  ]).flat()
}

/** Hidden states of the last layer at every time: `x [batch, time, inputs]` → `[batch, time, hidden]`. */
export const recurrent = (params: ParamNodes, name: string, cell: Cell, x: Node, layers = 1): Node => {
  let states = transpose(x, [1, 0, 2])
  for (let k = 0; k < layers; k++) {
    const weights = {
      input: params(`${name}.weight_ih_l${k}`),
      hidden: params(`${name}.weight_hh_l${k}`),
      inputBias: params(`${name}.bias_ih_l${k}`),
      hiddenBias: params(`${name}.bias_hh_l${k}`),
    }
    states = cell === 'gru' ? gru(states, weights) : lstm(states, weights)
  }
  return transpose(states, [1, 0, 2])
}
