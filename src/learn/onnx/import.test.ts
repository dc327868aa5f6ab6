// Imported networks against PyTorch (tools/golden/learn-onnx.py), against our own exports, and files that lie.
import { afterAll, describe, expect, test } from 'vitest'
import golden from '../../../tools/golden/learn-onnx.json' with { type: 'json' }
import { seed, YimengError } from '../../base/index.ts'
import { nativeEngine } from '../engines/native/index.ts'
import { crossEntropy } from '../losses/cross-entropy.ts'
import { joinedNetwork, onBackbone, withBackboneInside, withoutHead } from '../models/backbone.ts'
import { brainCnn } from '../models/brain-cnn.ts'
import { drawn } from '../models/drawn.suite.ts'
import { mcmahanCnn } from '../models/mcmahan-cnn.ts'
import { mlp } from '../models/mlp.ts'
import type { Model } from '../models/model.ts'
import { seriesCnn } from '../models/series-cnn.ts'
import { volumeCnn } from '../models/volume-cnn.ts'
import { adam } from '../optimisers/named.ts'
import { batchOrder } from '../training/batch-order.ts'
import { exportOnnx } from './export.ts'
import { importOnnx } from './import.ts'
import { onnxModel } from './proto.ts'

const engine = nativeEngine()
afterAll(() => engine.close())

const predicted = async (model: Model, inputs: Float32Array, rows: number): Promise<Float32Array> =>
  (await engine.predictor(model, 'identity')).predict(model.init(seed(1)), inputs, rows)

const gap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(b).reduce((worst, value, i) => Math.max(worst, Math.abs(value - (a[i] ?? Number.NaN))), a.length === b.length ? 0 : Infinity)

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
const [mobile] = golden.cases
if (mobile === undefined) throw new RangeError('no cases')

describe.each(golden.cases)('$name, written by PyTorch’s $exporter exporter', ({ file, shape, input, output }) => {
  test('gives PyTorch’s outputs', async () => {
    const model = importOnnx(bytesOf(file))
    expect(model.input).toEqual(shape)
    expect(gap(await predicted(model, Float32Array.from(input), 3), output)).toBeLessThan(1e-5)
  })

  test('trains, whole or as a backbone whose features are computed once', async () => {
    const network = importOnnx(bytesOf(file))
    const body = withoutHead(network)
    expect(body.layout.entries.length).toBe(network.layout.entries.length - 2)
    const backbone = { model: body, params: body.init(seed(1)) }
    const head = mlp({ inputs: body.output[0] ?? 0, hidden: [], outputs: 2 })
    const data = { rows: 3, inputShape: shape, inputs: Float32Array.from(input), targets: Float32Array.of(0, 1, 0), targetShape: [] }
    const order = batchOrder({ rows: 3, batch: 3, epochs: 30 }, seed(1))
    for (const model of [onBackbone(backbone, head), joinedNetwork(backbone, head)]) {
      const trainer = await engine.trainer(model, crossEntropy, adam())
      const { state, losses } = await trainer.epoch(trainer.start(model.init(seed(2))), data, order, { learningRate: 0.05 })
      expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] ?? 0))
      // both in one file, as other software takes it
      const predictor = await engine.predictor(model, 'softmax')
      const ours = await predictor.predict(state.params, data.inputs, 3)
      const again = importOnnx(exportOnnx(model, state.params, { head: 'softmax' }))
      expect(gap(await predicted(again, data.inputs, 3), ours)).toBeLessThan(1e-5)
    }
  })
})

const ours: readonly Model[] = [
  mcmahanCnn({ height: 8, width: 8 }),
  brainCnn({ height: 21, width: 25, padding: 2, hidden: 8 }),
  volumeCnn({ side: 8, classes: 2, width: 4 }),
  seriesCnn({ time: 17, inputs: 3, outputs: 2 }),
]

test.each(ours.map((model) => [model.name, model] as const))('what we export of %s is read again', async (_name, model) => {
  const inputs = drawn(3, 2 * model.input.reduce((product, length) => product * length, 1), 1)
  const again = importOnnx(exportOnnx(model, model.init(seed(1)), { head: 'identity' }))
  expect(gap(await predicted(again, inputs, 2), await predicted(model, inputs, 2))).toBeLessThan(1e-5)
})

test('a head on a backbone learns what the frozen network would, without touching the backbone', async () => {
  const network = mcmahanCnn({ height: 8, width: 8, classes: 4 })
  const body = withoutHead(network)
  const backbone = { model: body, params: body.init(seed(3)) }
  const model = onBackbone(backbone, mlp({ inputs: 512, hidden: [], outputs: 4 }))
  const before = backbone.params.values.slice()
  const data = {
    rows: 20,
    inputShape: [1, 8, 8],
    inputs: drawn(4, 20 * 64, 1),
    targets: Float32Array.from({ length: 20 }, (_, i) => i % 4),
    targetShape: [],
  }
  const order = batchOrder({ rows: 20, batch: 5, epochs: 2 }, seed(1))
  const train = async (each: Model, hyper = {}) => {
    const trainer = await engine.trainer(each, crossEntropy, adam())
    return trainer.epoch(trainer.start(each.init(seed(5))), data, order, { learningRate: 0.01, ...hyper })
  }
  const { state, losses } = await train(model)
  expect(state.params.values.length).toBe(512 * 4 + 4)
  expect(backbone.params.values).toEqual(before)
  const frozen = withBackboneInside(model, model.init(seed(5)))
  const fixed = { ...frozen.model, init: () => frozen.params, buffers: new Set(body.layout.entries.map(({ name }) => `backbone.${name}`)) }
  expect(gap(losses, (await train(fixed)).losses)).toBeLessThan(1e-5)
  // a head is small and without mixing layers: its rows can be clipped one by one
  expect((await train(model, { perSample: { clip: 0.1 } })).losses.length).toBe(order.steps)
})

const fault = (bytes: Uint8Array): string => {
  try {
    importOnnx(bytes)
    return 'none'
  } catch (error) {
    if (error instanceof YimengError) return error.code
    throw error
  }
}

const minimal = (change: object): Uint8Array =>
  onnxModel({
    name: 'g',
    inputs: [{ name: 'x', type: 'float', dims: ['rows', 2] }],
    outputs: [{ name: 'y', type: 'float' }],
    nodes: [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: { int: 1 } } }],
    tensors: [{ name: 'w', type: 'float', dims: [3, 2], values: new Float32Array(6) }],
    ...change,
  })

test('files that lie, reach outside or do more than compute are refused with one clear error', () => {
  expect(fault(minimal({}))).toBe('none')
  const lies: readonly object[] = [
    { tensors: [{ name: 'w', type: 'float', dims: [3, 2 ** 40], values: new Float32Array(6) }] },
    { tensors: [{ name: 'w', type: 'float', dims: [3, -2], values: new Float32Array(6) }] },
    { tensors: [{ name: 'w', type: 'float', dims: [4, 2], values: new Float32Array(6) }] },
    { inputs: [{ name: 'x', type: 'float', dims: ['rows', 2 ** 40] }] },
    { inputs: [{ name: 'x', type: 'float', dims: ['rows', 'any'] }] },
    { inputs: [] },
    { outputs: [{ name: 'nowhere', type: 'float' }] },
    { nodes: [{ op: 'Gemm', inputs: ['x', 'missing'], outputs: ['y'] }] },
    { nodes: [{ op: 'PythonOp', inputs: ['x'], outputs: ['y'], domain: 'com.microsoft' }] },
    { nodes: [{ op: 'toString', inputs: ['x'], outputs: ['y'] }] },
    { nodes: [{ op: 'Loop', inputs: ['x'], outputs: ['y'] }] },
    {
      nodes: [
        {
          op: 'If',
          inputs: ['x'],
          outputs: ['y'],
          attributes: { then_branch: { graph: { name: 'g', inputs: [], outputs: [], nodes: [], tensors: [] } } },
        },
      ],
    },
    { nodes: [{ op: 'Reshape', inputs: ['x', 'x'], outputs: ['y'] }] },
  ]
  for (const lie of lies) expect(fault(minimal(lie)), JSON.stringify(lie)).toBe('onnx-file')
})

test('a file cut off anywhere, or with any byte changed, gives an error of ours or a network', () => {
  const whole = bytesOf(mobile.file)
  for (let length = 0; length < whole.length; length += 37) expect(['onnx-file', 'graph-shape']).toContain(fault(whole.subarray(0, length)))
  const random = seed('bytes').random()
  for (let k = 0; k < 300; k++) {
    const changed = whole.slice()
    changed[random.integer(whole.length)] = random.integer(256)
    expect(['none', 'onnx-file', 'graph-shape', 'layout', 'graph-input']).toContain(fault(changed))
  }
})
