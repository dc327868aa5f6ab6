// What may go under a masked sum, and what may not: checked by the compiler.
import { fedAvgM } from '../strategies/fed-opt.ts'
import { fedMedian } from '../strategies/robust.ts'
import { regression, regressionLayout as layout } from '../strategies/regression.test-support.ts'
import { algorithm } from '../strategy.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { compressed } from './compressor.ts'
import { sharedScale } from './shared-scale.ts'
import { sharedSupport } from './shared-support.ts'
import { topK } from './top-k.ts'
import { transformed } from './transform.ts'

const base = fedAvgM({ layout, learningRate: 1 })
const grid = sharedScale({ layout, edge: 4 })

// one scale, or one support, for all: a sum in a ring
algorithm(transformed(base, grid.transform, grid.fold), regression, masked())
algorithm(sharedSupport(base, { layout, share: 0.1 }), regression, masked())
// a support or a scale of its own: readable updates only
algorithm(compressed(base, topK(0.1), { layout }), regression, plain())
// @ts-expect-error under masks a sparse update would travel dense
algorithm(compressed(base, topK(0.1), { layout }), regression, masked())
// @ts-expect-error a robust fold needs single updates
algorithm(fedMedian({ layout }), regression, masked())
