// From a spec's choice of network to the model, for rows of a shape. The table is total: a kind of the schema that nobody makes does not compile.
import { YimengError } from '../base/index.ts'
import {
  brainCnn,
  convolutionalNetwork,
  logisticRegression,
  mcmahanCnn,
  mlp,
  type Model,
  recurrentNetwork,
  resnet,
  seriesCnn,
  type Shape,
  tanhCnn,
  transformer,
  volumeCnn,
} from '../learn/index.ts'
import { importedNetwork } from './imported-network.ts'
import type { ModelChoice } from './model-schema.ts'

const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1)

const misfit = (kind: string, expected: string, shape: Shape): never => {
  throw new YimengError({
    code: 'model-input',
    cannot: `build model ${kind}`,
    expected,
    got: `rows of shape ${shape.join(' × ')}`,
    where: { field: 'model' },
  })
}

/** Height and width of pictures; one's own `input` says them for a table. */
const picture = (kind: string, shape: Shape) => {
  const [channels = 0, height = 0, width = 0] = shape
  return shape.length === 3
    ? { channels, height, width }
    : misfit(kind, 'pictures: rows of channels × height × width (or model.input)', shape)
}

const series = (kind: string, shape: Shape) => {
  const [time = 0, inputs = 0] = shape
  return shape.length === 2 ? { time, inputs } : misfit(kind, 'series: rows of time × channels (or model.input)', shape)
}

const volume = (kind: string, shape: Shape) => {
  const [channels = 0, side = 0, height, width] = shape
  return shape.length === 4 && side === height && side === width
    ? { channels, side }
    : misfit(kind, 'volumes of equal sides: rows of channels × side × side × side (or model.input)', shape)
}

type Makers = {
  readonly [K in ModelChoice['kind']]: (choice: Extract<ModelChoice, { readonly kind: K }>, shape: Shape, outputs: number) => Model
}

const residual = (
  depth: 18 | 34,
  choice: { readonly kind: string; readonly norm: 'batch' | 'group'; readonly stem: 'large' | 'small'; readonly channels: number },
  shape: Shape,
  classes: number,
) => resnet({ depth, ...picture(choice.kind, shape), classes, norm: choice.norm, stem: choice.stem, firstChannels: choice.channels })

const recurrentOf = (
  cell: 'gru' | 'lstm',
  { hidden, layers }: { readonly hidden: number; readonly layers: number },
  shape: Shape,
  outputs: number,
) => recurrentNetwork({ cell, ...series(cell, shape), hidden, layers, outputs })

const makers: Makers = {
  // linear models have one optimum, so they start at zero: nothing to draw
  logistic: (_, shape, outputs) => logisticRegression({ inputs: sizeOf(shape), outputs, zero: true }),
  mlp: ({ hidden }, shape, outputs) => mlp({ inputs: sizeOf(shape), hidden, outputs }),
  cnn: ({ kind }, shape, classes) => {
    const sides = picture(kind, shape)
    return sides.height % 4 === 0 && sides.width % 4 === 0 ? mcmahanCnn({ ...sides, classes }) : misfit(kind, 'sides divisible by 4', shape)
  },
  'tanh-cnn': ({ kind }, shape, classes) => {
    const sides = picture(kind, shape)
    return Math.min(sides.height, sides.width) >= 14 ? tanhCnn({ ...sides, classes }) : misfit(kind, 'sides of at least 14', shape)
  },
  'brain-cnn': ({ kind, hidden, padding, dropout, activation }, shape, classes) =>
    brainCnn({ ...picture(kind, shape), classes, hidden, padding, dropout, activation }),
  convnet: (choice, shape, outputs) => convolutionalNetwork({ ...choice, input: shape, outputs }),
  resnet18: (choice, shape, classes) => residual(18, choice, shape, classes),
  resnet34: (choice, shape, classes) => residual(34, choice, shape, classes),
  gru: (choice, shape, outputs) => recurrentOf('gru', choice, shape, outputs),
  lstm: (choice, shape, outputs) => recurrentOf('lstm', choice, shape, outputs),
  transformer: ({ kind, width, heads, hidden, layers, dropout }, shape, outputs) =>
    transformer({ ...series(kind, shape), width, heads, hidden, layers, dropout, outputs }),
  'series-cnn': ({ kind, widths, kernel }, shape, outputs) => seriesCnn({ ...series(kind, shape), widths, kernel, outputs }),
  'volume-cnn': ({ kind, width }, shape, classes) => volumeCnn({ ...volume(kind, shape), width, classes }),
  imported: (choice, shape, outputs) => importedNetwork(choice, shape, outputs, networkOf),
}

/**
 * The model of a choice for rows of a shape.
 *
 * @throws YimengError `model-input` when the network does not take such rows
 */
export const networkOf = (choice: ModelChoice, shape: Shape, outputs: number): Model => {
  const own = 'input' in choice ? choice.input : undefined
  if (own !== undefined && sizeOf(own) !== sizeOf(shape)) misfit(choice.kind, `model.input of ${sizeOf(shape)} numbers`, own)
  const make = makers[choice.kind] as (choice: ModelChoice, shape: Shape, outputs: number) => Model
  return make(choice, own ?? shape, outputs)
}
