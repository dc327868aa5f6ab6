// The evaluation table: total over all operations.
import { basic } from './basic.ts'
import { conv, convFilterGrad, convInputGrad, maxPool, maxPoolGrad } from './convolution.ts'
import { batchMoment, batchNorm, channelAffine, inverseDeviation, standardise } from './normalisation.ts'
import { gru, gruBackward, linearScan, lstm, lstmBackward } from './recurrent.ts'
import type { Evaluations } from './evaluate.ts'

/** Evaluation of each operation. */
export const evaluations: Evaluations = {
  ...basic,
  conv,
  convInputGrad,
  convFilterGrad,
  maxPool,
  maxPoolGrad,
  channelAffine,
  batchNorm,
  batchMoment,
  standardise,
  inverseDeviation,
  gru,
  lstm,
  gruBackward,
  lstmBackward,
  linearScan,
}
