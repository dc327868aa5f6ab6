// Transfer learning on another network's features: the backbone is trained already and stays as it is, a small head learns on what it makes of the rows.
import { layout, type Params } from '../../algebra/index.ts'
import { reachable, graph } from '../graph/graph.ts'
import { inputOf, type Node } from '../graph/node.ts'
import { inference } from './inference.ts'
import type { Mode, Model, ParamNodes } from './model.ts'

/** A trained network that rows go through first. It is never trained and never leaves its machine: only the head is. */
export interface Backbone {
  readonly model: Model
  readonly params: Params
}

// what may stand behind the last dense layer
const behind = new Set<Node['op']>(['reshape', 'softmax', 'logSoftmax', 'sigmoid'])

/** What goes into the last dense layer; the output itself if the network does not end with one. */
const featuresOf = (output: Node): Node => {
  let node = output
  while (behind.has(node.op)) node = inputOf(node, 0)
  if (node.op === 'add' && inputOf(node, 0).op === 'gemm') node = inputOf(node, 0)
  return node.op === 'gemm' ? inputOf(node, 0) : output
}

/** The network up to its last dense layer: a backbone's features. The tensors of what is cut off are no longer in its layout. */
export const withoutHead = (model: Model): Model => {
  const trial = graph()
  const nodes = new Map(model.layout.entries.map(({ name, shape }) => [name, trial.input(`tensor.${name}`, shape)]))
  const known: ParamNodes = (name) => nodes.get(name) ?? trial.constant(0)
  const features = featuresOf(model.forward(trial, known, trial.input('x', [1, ...model.input]), inference))
  const needed = new Set(reachable([features]))
  const kept = model.layout.entries.filter(({ name }) => needed.has(known(name)))
  const names = new Set(kept.map(({ name }) => name))
  const arrangement = layout(kept)
  return {
    ...model,
    name: `withoutHead(${model.name})`,
    output: features.shape.slice(1),
    layout: arrangement,
    buffers: new Set([...model.buffers].filter((name) => names.has(name))),
    init: (seed) => {
      const whole = model.init(seed).values
      const values = new Float32Array(arrangement.size)
      for (const [i, { offset, size }] of kept.entries()) values.set(whole.subarray(offset, offset + size), arrangement.entries[i]?.offset)
      return { layout: arrangement, values }
    },
    forward: (to, params, x, mode) => {
      // what is cut off still asks for its tensors; nothing that is computed depends on them
      const cut = new Map<string, Node>()
      const found: ParamNodes = (name) => {
        if (names.has(name)) return params(name)
        const shape = model.layout.entries.find((entry) => entry.name === name)?.shape ?? []
        const node = cut.get(name) ?? to.input(`cut.${name}`, shape)
        cut.set(name, node)
        return node
      }
      return featuresOf(model.forward(to, found, x, mode))
    },
  }
}

/** The head, learning on a backbone's features. Engines compute these once for each data set; parameters, updates and files are the head's alone. */
export const onBackbone = (backbone: Backbone, head: Model): Model => ({
  ...head,
  name: `${head.name} on ${backbone.model.name}`,
  backbone,
})

/** Both as one network, from rows to outputs; tensors are named `backbone.…` and `head.…`. Its first parameters are the backbone's as trained, and the head's. */
export const joinedNetwork = ({ model: backbone, params }: Backbone, head: Model): Model => {
  const [below, above] = ['backbone.', 'head.']
  const named = (prefix: string, { entries }: Model['layout']) => entries.map(({ name, shape }) => ({ name: `${prefix}${name}`, shape }))
  const arrangement = layout([...named(below, backbone.layout), ...named(above, head.layout)])
  const within = (prefix: string, names: ReadonlySet<string>): readonly string[] => [...names].map((name) => `${prefix}${name}`)
  return {
    name: `joined(${backbone.name}, ${head.name})`,
    input: backbone.input,
    output: head.output,
    layout: arrangement,
    buffers: new Set([...within(below, backbone.buffers), ...within(above, head.buffers)]),
    init: (seed) => {
      const values = new Float32Array(arrangement.size)
      values.set(params.values)
      values.set(head.init(seed).values, params.values.length)
      return { layout: arrangement, values }
    },
    forward: (to, parameter, x, mode) => {
      const scoped = (prefix: string): { readonly params: ParamNodes; readonly mode: Mode } => ({
        params: (name) => parameter(`${prefix}${name}`),
        mode: { ...mode, update: (name, value) => mode.update(`${prefix}${name}`, value) },
      })
      const [lower, upper] = [scoped(below), scoped(above)]
      return head.forward(to, upper.params, backbone.forward(to, lower.params, x, lower.mode), upper.mode)
    },
  }
}

/** A model on a backbone with its parameters as one network with all of them; others as they are. */
export const withBackboneInside = (model: Model, params: Params): { readonly model: Model; readonly params: Params } => {
  const { backbone } = model
  if (backbone === undefined) return { model, params }
  const joined = joinedNetwork(backbone, model)
  const values = new Float32Array(joined.layout.size)
  values.set(backbone.params.values)
  values.set(params.values, backbone.params.values.length)
  return { model: joined, params: { layout: joined.layout, values } }
}
