import { describe, expect, test } from 'vitest'
import { seed, YimengError } from '../../../base/index.ts'
import { crossEntropy } from '../../losses/cross-entropy.ts'
import { mlp } from '../../models/mlp.ts'
import { sgd } from '../../optimisers/named.ts'
import { batchOrder } from '../../training/batch-order.ts'
import type { Batchable } from '../../types.ts'
import { engineSuite } from '../engine.suite.ts'
import { type Device, nativeEngine } from './index.ts'

describe('native engine, one worker', () => engineSuite(() => nativeEngine()))
describe('native engine, three workers', () => engineSuite(() => nativeEngine({ workers: 3 })))

const site = (k: number): Batchable => {
  const random = seed('site').split(k).random()
  return {
    rows: 10,
    inputShape: [4],
    inputs: Float32Array.from({ length: 40 }, random.normal),
    targets: Float32Array.from({ length: 10 }, () => random.integer(2)),
    targetShape: [],
  }
}

test('the number of workers does not change a bit', async () => {
  const model = mlp({ inputs: 4, hidden: [8], outputs: 2 })
  const params = model.init(seed(1))
  const train = async (workers: number): Promise<readonly Float32Array[]> => {
    const engine = nativeEngine({ workers })
    try {
      const trainer = await engine.trainer(model, crossEntropy, sgd({ momentum: 0.9 }))
      const calls = Array.from({ length: 24 }, (_, k) =>
        trainer.epoch(trainer.start(params), site(k), batchOrder({ rows: 10, batch: 3, epochs: 4 }, seed(k)), { learningRate: 0.1 }),
      )
      return (await Promise.all(calls)).map(({ state }) => state.params.values)
    } finally {
      await engine.close()
    }
  }
  const [one, two] = [await train(1), await train(2)]
  expect(two).toEqual(one)
})

test('thousands of small sites and many graphs leave nothing behind', async () => {
  const engine = nativeEngine({ workers: 1 })
  try {
    const params = mlp({ inputs: 4, hidden: [8], outputs: 2 }).init(seed(1))
    for (let k = 0; k < 2000; k++) {
      const model = mlp({ inputs: 4, hidden: [8], outputs: 2 })
      const trainer = await engine.trainer(model, crossEntropy, sgd())
      // batch sizes cycle through more graphs than a worker holds
      await trainer.epoch(
        trainer.start(params),
        site(k),
        batchOrder({ rows: 10, batch: 1 + (k % 200 < 40 ? k % 40 : 3), steps: 2 }, seed(k)),
        { learningRate: 0.1 },
      )
    }
    const before = process.memoryUsage().rss
    for (let k = 0; k < 1000; k++) {
      const model = mlp({ inputs: 4, hidden: [8], outputs: 2 })
      const trainer = await engine.trainer(model, crossEntropy, sgd())
      await trainer.epoch(
        trainer.start(params),
        site(k),
        batchOrder({ rows: 10, batch: 1 + (k % 200 < 40 ? k % 40 : 3), steps: 2 }, seed(k)),
        { learningRate: 0.1 },
      )
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(40e6)
  } finally {
    await engine.close()
  }
})

test('close during a call rejects it', async () => {
  const engine = nativeEngine()
  const model = mlp({ inputs: 4, hidden: [64], outputs: 2 })
  const trainer = await engine.trainer(model, crossEntropy, sgd())
  const call = trainer.epoch(trainer.start(model.init(seed(1))), site(1), batchOrder({ rows: 10, batch: 5, epochs: 20_000 }, seed(1)), {
    learningRate: 0.1,
  })
  const outcome = expect(call).rejects.toMatchObject({ code: 'engine-closed' })
  await engine.close()
  await outcome
})

test('no workers are refused', () => {
  expect(() => nativeEngine({ workers: 0 })).toThrow(YimengError)
})

/** The losses of one pass, or the fault. */
const onDevice = async (device: Device, fallBack: boolean): Promise<Float32Array> => {
  const engine = nativeEngine({ device, fallBack })
  try {
    const model = mlp({ inputs: 4, hidden: [], outputs: 2 })
    const trainer = await engine.trainer(model, crossEntropy, sgd())
    const order = batchOrder({ rows: 10, batch: 5, epochs: 1 }, seed(1))
    return (await trainer.epoch(trainer.start(model.init(seed(1))), site(1), order, { learningRate: 0.1 })).losses
  } finally {
    await engine.close()
  }
}

// a device that no machine has: Core ML is macOS's, DirectML is Windows's
const absent: Device = process.platform === 'darwin' ? 'directml' : 'coreml'

test('a missing device is one clear line, and the CPU only if asked', async () => {
  const fault = await onDevice(absent, false).catch((error: unknown) => error)
  expect(fault).toMatchObject({ code: 'engine-device' })
  expect((fault as Error).message).toMatch(/^cannot compute on \w+: expected a device that this machine has, .*$/)
  const warned: string[] = []
  const listen = ({ message }: Error): void => void warned.push(message)
  process.on('warning', listen)
  expect(await onDevice(absent, true)).toEqual(await onDevice('cpu', false))
  await new Promise((done) => setImmediate(done))
  process.off('warning', listen)
  expect(warned.filter((line) => line.includes('computing on the CPU')).length).toBe(1)
})
