// Transfer learning: a network learns digits first; its convolutions, frozen, then serve chest X-rays, of which a small hospital has only a few.
// MNIST and PneumoniaMNIST are downloaded, or taken from YIMENG_DATA. About a minute. Run: node examples/transfer.ts
import { seed } from '../src/base/index.ts'
import { imageBatches, wholeBatch } from '../src/data/index.ts'
import { loadImages } from '../src/data/node.ts'
import {
  adam,
  areaUnderCurve,
  type Batchable,
  batchOrder,
  binaryCrossEntropy,
  crossEntropy,
  freeze,
  type Loss,
  type Model,
  mcmahanCnn,
} from '../src/learn/index.ts'
import { nativeEngine } from '../src/learn/engines/native/index.ts'

const SEEDS = [1, 2, 3, 4, 5]
const FEW = 40

const [digits, xrays] = [await loadImages('mnist'), await loadImages('pneumonia')]
const rowsOf = (all: ArrayLike<number>, count: number, chance: string): Uint32Array =>
  Uint32Array.from(seed(1).split(chance).random().permutation(all.length).subarray(0, count), (at) => all[at] ?? 0)
const take = (dataset: typeof digits, rows: ArrayLike<number>): Promise<Batchable> => wholeBatch(imageBatches(dataset, { rows }))
const pretraining = await take(digits, rowsOf(digits.split?.train ?? [], 6000, 'digits'))
const test = await take(xrays, xrays.split?.test ?? [])

const engine = nativeEngine({ workers: 1 })
/** Trains all parameters that are not frozen. */
const train = async (model: Model, loss: Loss, from: Float32Array, data: Batchable, epochs: number, name: string, number: number) => {
  const trainer = await engine.trainer(model, loss, adam())
  const order = batchOrder({ rows: data.rows, batch: Math.min(32, data.rows), epochs }, seed(number).split('order', name))
  const start = trainer.start({ layout: model.layout, values: from })
  return (await trainer.epoch(start, data, order, { learningRate: 0.001, seed: seed(number).split(name) })).state.params
}
const auc = async (model: Model, values: Float32Array): Promise<number> => {
  const predictor = await engine.predictor(model, 'sigmoid')
  return areaUnderCurve(test.targets, await predictor.predict({ layout: model.layout, values }, test.inputs, test.rows))
}

// ten digits, then one finding: the same network but for its last layer
const [teacher, student] = [mcmahanCnn({ classes: 10 }), mcmahanCnn({ classes: 1 })]
const taught = await train(teacher, crossEntropy, teacher.init(seed(1)).values, pretraining, 2, 'digits', 1)
const headOnly = freeze(student, (name) => name.startsWith('conv'))
const fromTeacher = (fresh: Float32Array): Float32Array => {
  const values = fresh.slice()
  for (const { name, offset, size } of student.layout.entries) {
    const before = teacher.layout.entries.find((entry) => entry.name === name)
    if (before !== undefined && !name.startsWith('fc')) values.set(taught.values.subarray(before.offset, before.offset + size), offset)
  }
  return values
}

const results: (readonly [number, number])[] = []
for (const number of SEEDS) {
  const few = await take(xrays, rowsOf(xrays.split?.train ?? [], FEW, `few ${number}`))
  const fresh = student.init(seed(number)).values
  const scratch = await train(student, binaryCrossEntropy, fresh, few, 30, 'X-rays', number)
  const transferred = await train(headOnly, binaryCrossEntropy, fromTeacher(fresh), few, 30, 'X-rays', number)
  const pair = [await auc(student, scratch.values), await auc(student, transferred.values)] as const
  results.push(pair)
  console.log(
    `${FEW} X-rays, seed ${number}: AUC from scratch ${pair[0].toFixed(3)}, with convolutions that know digits ${pair[1].toFixed(3)}`,
  )
}
await engine.close()
const mean = (of: (pair: readonly [number, number]) => number) => results.reduce((sum, pair) => sum + of(pair), 0) / results.length
console.log(`mean gain: ${(mean(([, transferred]) => transferred) - mean(([scratch]) => scratch)).toFixed(3)}`)
