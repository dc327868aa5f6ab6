// The networks that a spec may choose. Their sizes come from the data; networks.ts makes them.
import { z } from 'zod'

const inputShape = z
  .array(z.int().min(1))
  .min(2)
  .max(4)
  .optional()
  .describe('How a table’s columns lie in a row: [channels, height, width], [time, channels]. Absent: as the data’s rows.')
const share = (usual: number) => z.number().min(0).lt(1).default(usual)
const residual = {
  input: inputShape,
  norm: z.enum(['batch', 'group']).default('batch'),
  channels: z
    .int()
    .min(2)
    .multipleOf(2)
    .max(256)
    .default(64)
    .describe('Of the first stage, doubled at each of the others; 64 as published.'),
  stem: z.enum(['large', 'small']).default('small').describe('large: for pictures of about 224 × 224; small: of about 32 × 32.'),
}
const recurrent = { input: inputShape, hidden: z.int().min(1).max(65_536).default(64), layers: z.int().min(1).max(8).default(1) }

const networks = [
  z
    .strictObject({ kind: z.literal('logistic') })
    .describe('One linear layer: logistic regression, softmax regression, or linear regression for a number.'),
  z
    .strictObject({
      kind: z.literal('mlp'),
      hidden: z.array(z.int().min(1).max(65_536)).default([32]),
    })
    .describe('Dense layers with ReLU between them.'),
  z
    .strictObject({ kind: z.literal('cnn'), input: inputShape })
    .describe('Two convolutions and two dense layers, for pictures with sides divisible by 4 (McMahan et al. 2017).'),
  z
    .strictObject({ kind: z.literal('tanh-cnn'), input: inputShape })
    .describe(
      'Two convolutions and a dense layer with tanh, for pictures: small, and good under privacy.noise dp-sgd (Papernot et al. 2021).',
    ),
  z
    .strictObject({
      kind: z.literal('brain-cnn'),
      input: inputShape,
      hidden: z.int().min(1).max(65_536).default(128),
      padding: z.int().min(0).max(2).default(2),
      dropout: share(0.3).describe('Share of the pictures’ channels that are blanked while training.'),
      activation: z.enum(['relu', 'none']).default('relu'),
    })
    .describe('Two convolutions of stride 2 and two dense layers, for pictures.'),
  z
    .strictObject({
      kind: z.literal('convnet'),
      input: inputShape,
      channels: z.array(z.int().min(1)).min(1).max(8).default([16, 32]).describe('Of each block: convolution, norm, ReLU, pooling by 2.'),
      convolutions: z.int().min(1).max(4).default(1).describe('Of each block, one after another before its pooling.'),
      stride: z.int().min(1).max(4).default(1).describe('Of the first convolution.'),
      kernel: z.union([z.literal(1), z.literal(3), z.literal(5), z.literal(7)]).default(3),
      norm: z.enum(['none', 'batch', 'group']).default('none'),
      pool: z.enum(['none', 'average']).default('none').describe('What the dense layers see: all features, or the mean of each channel.'),
      hidden: z.int().min(0).max(65_536).default(64).describe('Dense layer before the last; 0: none.'),
      dropout: share(0).describe('Before the last layer, while training.'),
    })
    .describe('Blocks of convolutions for series, pictures and volumes.'),
  z.strictObject({ kind: z.literal('resnet18'), ...residual }).describe('Residual network of 18 layers, for pictures (He et al. 2016).'),
  z.strictObject({ kind: z.literal('resnet34'), ...residual }).describe('Residual network of 34 layers, for pictures (He et al. 2016).'),
  z
    .strictObject({ kind: z.literal('gru'), ...recurrent })
    .describe('Gated recurrent units and a dense layer on the last state, for series.'),
  z
    .strictObject({ kind: z.literal('lstm'), ...recurrent })
    .describe('Long short-term memory and a dense layer on the last state, for series.'),
  z
    .strictObject({
      kind: z.literal('transformer'),
      input: inputShape,
      width: z.int().min(1).default(32),
      heads: z.int().min(1).default(4).describe('Divides the width.'),
      hidden: z.int().min(1).max(65_536).default(64),
      layers: z.int().min(1).max(12).default(2),
      dropout: share(0.1),
    })
    .refine(({ width, heads }) => width % heads === 0, { path: ['heads'], error: 'a divisor of the width' })
    .describe('A small transformer encoder, for series.'),
  z
    .strictObject({
      kind: z.literal('series-cnn'),
      input: inputShape,
      widths: z.array(z.int().min(1)).min(1).max(8).default([32, 64, 64]),
      kernel: z.union([z.literal(3), z.literal(5), z.literal(7)]).default(5),
    })
    .describe('Convolutions over time, halved between, then the mean over time, for series.'),
  z
    .strictObject({
      kind: z.literal('volume-cnn'),
      input: inputShape,
      width: z.int().min(4).multipleOf(4).default(16).describe('Channels of the first stage, doubled at each.'),
    })
    .describe('Three stages of two 3-D convolutions with group norm, then the mean over the volume, for volumes of equal sides.'),
] as const

/** A network that was trained before. */
const importedSchema = z
  .strictObject({
    kind: z.literal('imported'),
    file: z
      .string()
      .min(1)
      .describe(
        'An ONNX file (.onnx), or tensors (.safetensors): a model file of Yimeng, or with the network beside. Every site needs it.',
      ),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('Of the file: another one is refused.'),
    network: z
      .discriminatedUnion('kind', networks)
      .optional()
      .describe('What the tensors of a .safetensors file belong to, names as PyTorch’s.'),
    train: z
      .enum(['head', 'all'])
      .default('head')
      .describe(
        'head: the network is frozen and its features are computed once; only the new head is trained and exchanged. all: everything.',
      ),
    hidden: z.array(z.int().min(1).max(65_536)).default([]).describe('Dense layers of the new head before its last.'),
  })
  .describe('Transfer learning: a network from a file without its last dense layer, and a new head.')

/** The network. Input and output sizes come from the data. */
export const modelSchema = z
  .discriminatedUnion('kind', [...networks, importedSchema])
  .describe('The network; its input and output sizes come from the data.')
export type ModelChoice = z.output<typeof modelSchema>
export type ImportedChoice = z.output<typeof importedSchema>

/** The last part of a path, of any system's: what a file is called wherever it lies. */
export const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

/** A choice without the folder of its file, for hashes that everybody is to agree on. */
export const withoutFolder = (choice: ModelChoice): ModelChoice =>
  choice.kind === 'imported' ? { ...choice, file: baseName(choice.file) } : choice
