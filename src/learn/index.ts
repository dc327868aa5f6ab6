export type { Engine } from './engines/engine.ts'
export {
  decodeSafetensors,
  encodeParams,
  encodeSafetensors,
  paramsFromTensors,
  type StoredTensor,
  type TensorFile,
} from './files/safetensors.ts'
export type { Graph, Node } from './graph/node.ts'
export { type ConvLayer, convolution, convolutionParameters } from './layers/convolution.ts'
export { dense, denseParameters } from './layers/dense.ts'
export { dropout, dropoutChannels } from './layers/dropout.ts'
export { constantly, type Initialiser, kaimingUniform, normal, type ParameterSpec, parameters, uniform } from './layers/initialiser.ts'
export {
  batchNormalisation,
  batchNormParameters,
  groupNormalisation,
  layerNormalisation,
  normParameters,
} from './layers/normalisation.ts'
export { type Cell, recurrent, recurrentParameters } from './layers/recurrent.ts'
export { attentionParameters, type EncoderLayer, encoder, encoderParameters, selfAttention } from './layers/attention.ts'
export { embedding, embeddingParameters } from './layers/embedding.ts'
export { type Adjustment, adjustedCrossEntropy, adjustedTargets, LEFT_OUT } from './losses/adjusted.ts'
export {
  binaryCrossEntropy,
  binaryCrossEntropyWith,
  crossEntropy,
  type CrossEntropyOptions,
  crossEntropyWith,
  shareCrossEntropy,
} from './losses/cross-entropy.ts'
export type { Loss } from './losses/loss.ts'
export { coxPartialLikelihood, hinge, meanSquaredError, smoothL1 } from './losses/regression.ts'
export { brierScore, type CalibrationBin, calibrationBins, expectedCalibrationError, logLoss } from './metrics/calibration.ts'
export { accuracy, type ConfusionMatrix, confusionMatrix, decisions, f1, sensitivity, specificity } from './metrics/confusion.ts'
export { areaUnderCurve, macroAreaUnderCurve } from './metrics/ranking.ts'
export { meanAbsolute, meanSquare, rootMeanSquare } from './metrics/regression.ts'
export { type BrainCnnOptions, brainCnn } from './models/brain-cnn.ts'
export { type ConvolutionalOptions, convolutionalNetwork } from './models/convolutional-network.ts'
export { mcmahanCnn } from './models/mcmahan-cnn.ts'
export { tanhCnn } from './models/tanh-cnn.ts'
export {
  conditionalDiscriminator,
  conditionalGenerator,
  type DiscriminatorOptions,
  type GeneratorOptions,
} from './models/conditional-gan.ts'
export { type Backbone, joinedNetwork, onBackbone, withBackboneInside, withoutHead } from './models/backbone.ts'
export { freeze } from './models/freeze.ts'
export type { Mode, Model, ParamNodes } from './models/model.ts'
export { logisticRegression, mlp } from './models/mlp.ts'
export { type RecurrentOptions, recurrentNetwork } from './models/recurrent-network.ts'
export { type SeriesCnnOptions, seriesCnn } from './models/series-cnn.ts'
export { type VolumeCnnOptions, volumeCnn } from './models/volume-cnn.ts'
export { exportOnnx } from './onnx/export.ts'
export { importOnnx } from './onnx/import.ts'
export { type TransformerOptions, transformer } from './models/transformer.ts'
export { gelu, leakyRelu, silu } from './ops/activation.ts'
export { type ResnetOptions, resnet } from './models/resnet.ts'
export { add, mul, type Operand, relu, sigmoid, softplus, tanh } from './ops/elementwise.ts'
export { conv, type ConvOptions, convTranspose } from './ops/convolution.ts'
export { averagePool, globalAveragePool, maxPool, type PoolOptions, upsample } from './ops/pooling.ts'
export { logSoftmax, softmax } from './ops/rows.ts'
export { concat, flatten, reshape, transpose } from './ops/structure.ts'
export { cosine, type Schedule, stepwise } from './optimisers/schedule.ts'
export { type AdamOptions, adagrad, adam, adamax, adamw, clipped, rmsprop, sgd, yogi } from './optimisers/named.ts'
export { type Blocks, chain, type Optimiser, type Transform, type TransformInput } from './optimisers/optimiser.ts'
export {
  addDecay,
  clipByNorm,
  decoupledDecay,
  momentum,
  scaleByAdagrad,
  scaleByAdam,
  scaleByAdamax,
  scaleByRmsprop,
  scaleByYogi,
} from './optimisers/transforms.ts'
export { balancedOrder } from './training/balanced-order.ts'
export { batchOrder, type Duration } from './training/batch-order.ts'
export type { Batchable, BatchOrder, EpochResult, Head, Hyper, PerSample, Predictor, Shape, Trainer, TrainState } from './types.ts'
