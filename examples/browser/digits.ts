// What the page trains: a small CNN on the handwritten digits, on whichever engine it is given. The page and Node train the same from the same seed.
import { seed } from '../../src/base/index.ts'
import { type Batchable, batchOrder, crossEntropy, type Engine, mcmahanCnn, sgd } from '../../src/learn/index.ts' // in your project: from 'yimeng/learn'

/** The digits from their table: 64 columns of ink from 0 to 16, then the digit. */
export const digitsOf = (csv: string): Batchable => {
  const table = csv
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number))
  return {
    rows: table.length,
    inputShape: [1, 8, 8],
    inputs: Float32Array.from(table.flatMap((row) => row.slice(0, 64).map((ink) => ink / 16))),
    targets: Float32Array.from(table, (row) => row[64] ?? 0),
    targetShape: [],
  }
}

/** Trains and tells the loss of every step, one call into the engine for each pass over the pictures: a call cannot be interrupted, and a page wants to draw. */
export const trainDigits = async (
  engine: Engine,
  data: Batchable,
  passes: number,
  told: (losses: readonly number[]) => void = () => {},
): Promise<readonly number[]> => {
  const model = mcmahanCnn({ height: 8, width: 8, classes: 10 })
  const trainer = await engine.trainer(model, crossEntropy, sgd({ momentum: 0.9 }))
  const curve: number[] = []
  let state = trainer.start(model.init(seed(1)))
  for (let pass = 0; pass < passes; pass++) {
    const order = batchOrder({ rows: data.rows, batch: 32, epochs: 1 }, seed(1).split('order', pass))
    const result = await trainer.epoch(state, data, order, { learningRate: 0.02 })
    state = result.state
    curve.push(...result.losses)
    told(curve)
  }
  return curve
}
