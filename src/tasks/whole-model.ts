// A trained model with its preparation inside the network: raw numbers in, outputs in the label's unit. What other software needs to use a model by itself.
import { layout, type Params } from '../algebra/index.ts'
import { inputNames } from '../data/index.ts'
import { add, type Head, type Model, mul, withBackboneInside } from '../learn/index.ts'
import { isTablePreparation } from './preparation.ts'
import type { modelContent } from './saved-model.ts'

/** A model that takes raw numbers. */
export interface WholeModel {
  readonly model: Model
  readonly params: Params
  readonly head: Head
  /** Names of a table's inputs, in order: a number as it is, or 1 and 0 for `column=level`. Absent for pictures and series. */
  readonly inputs?: readonly string[]
}

/**
 * Puts the preparation of a model file into its network: inputs are a table's raw numbers (missing ones filled in), a picture's samples with white as 1, or a series' raw
 * numbers. (x − centre) / spread is computed as x · (1/spread) + (−centre/spread), in float32.
 */
export const wholeModel = ({ head, preprocessing, ...trained }: ReturnType<typeof modelContent>): WholeModel => {
  const { model, params } = withBackboneInside(trained.model, trained.params)
  const table = isTablePreparation(preprocessing)
  const scale = table ? preprocessing.inputs : preprocessing.scale
  // one number for each input of a table, or channel
  const shape = table || preprocessing.channels === 'last' ? [scale.length] : [scale.length, ...model.input.slice(1).map(() => 1)]
  const { label } = preprocessing
  const [unit, origin] = label.kind === 'numeric' ? [label.spread, label.centre] : [1, 0]
  const factor = scale.map(({ spread }) => (spread === 0 ? 0 : 1 / spread))
  const offset = scale.map(({ centre }, k) => -centre * (factor[k] ?? 0))
  const own = [
    { name: 'preparation.factor', shape },
    { name: 'preparation.offset', shape },
    { name: 'label.factor', shape: [1] },
    { name: 'label.offset', shape: [1] },
  ]
  const whole = layout([...model.layout.entries.map((entry) => ({ name: entry.name, shape: entry.shape })), ...own])
  const fixed = new Set(own.map(({ name }) => name))
  const values = Float32Array.from([...params.values, ...factor, ...offset, unit, origin])
  return {
    head,
    params: { layout: whole, values },
    ...(table ? { inputs: inputNames(preprocessing) } : {}),
    model: {
      ...model,
      name: `whole(${model.name})`,
      layout: whole,
      buffers: new Set([...model.buffers, ...fixed]),
      init: () => ({ layout: whole, values: values.slice() }),
      forward: (graph, parameter, x, mode) => {
        const prepared = add(mul(x, parameter('preparation.factor')), parameter('preparation.offset'))
        const output = model.forward(graph, parameter, prepared, mode)
        return label.kind === 'numeric' ? add(mul(output, parameter('label.factor')), parameter('label.offset')) : output
      },
    },
  }
}
