// Transfer from files through a spec: ONNX and safetensors, frozen and not, and what is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { seed, sha256Hex, YimengError } from '../base/index.ts'
import { encodeParams, encodeSafetensors, exportOnnx, mcmahanCnn, resnet } from '../learn/index.ts'
import { modelSchema } from './model-schema.ts'
import { networkOf } from './networks.ts'

const folder = mkdtempSync(join(tmpdir(), 'yimeng-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const teacher = mcmahanCnn({ height: 8, width: 8, channels: 3 })
const trained = teacher.init(seed(1))
const write = (name: string, bytes: Uint8Array): string => {
  const file = join(folder, name)
  writeFileSync(file, bytes)
  return file
}
const onnx = write('teacher.onnx', exportOnnx(teacher, trained, { head: 'softmax' }))
const tensors = write('teacher.safetensors', encodeParams(trained))

const made = (choice: object, shape: readonly number[]) => networkOf(modelSchema.parse({ kind: 'imported', ...choice }), shape, 2)
const faultOf = (choice: object, shape: readonly number[] = [3, 8, 8]): unknown => {
  try {
    return made(choice, shape).name
  } catch (error) {
    return error instanceof YimengError ? `${error.code}: ${error.message}` : error
  }
}

test('the head is all that is trained, on a backbone that is one object for all who ask', () => {
  const first = made({ file: onnx }, [3, 8, 8])
  expect(first.layout.entries.map(({ name, shape }) => [name, shape])).toEqual([
    ['0.weight', [2, 512]],
    ['0.bias', [2]],
  ])
  expect(made({ file: onnx, hidden: [9] }, [3, 8, 8]).backbone).toBe(first.backbone)
  const same = made({ file: tensors, network: { kind: 'cnn' } }, [3, 8, 8])
  expect(same.backbone?.params.values).toEqual(trained.values.subarray(0, same.backbone?.params.values.length))
})

test('everything trains where the spec says so, from the file’s weights', () => {
  const model = made({ file: tensors, network: { kind: 'cnn' }, train: 'all' }, [3, 8, 8])
  expect(model.backbone).toBeUndefined()
  expect(model.buffers.size).toBe(0)
  expect(model.init(seed(2)).values.subarray(0, 100)).toEqual(trained.values.subarray(0, 100))
})

test('grey pictures go into every channel of a network for colours', () => {
  for (const choice of [{ file: onnx }, { file: tensors, network: { kind: 'cnn' } }])
    expect(made(choice, [1, 8, 8]).backbone?.model.input).toEqual([1, 8, 8])
})

test('a PyTorch state_dict of a residual network is taken with its counters and without its last layer', () => {
  const network = resnet({ depth: 18, height: 32, width: 32, classes: 7, stem: 'large' })
  const { layout, values } = network.init(seed(1))
  const file = write(
    'resnet.safetensors',
    encodeSafetensors([
      ...layout.entries.map(({ name, shape, offset, size }) => ({ name, shape, values: values.subarray(offset, offset + size) })),
      { name: 'bn1.num_batches_tracked', shape: [], values: Float32Array.of(7) },
    ]),
  )
  const model = made({ file, network: { kind: 'resnet18', stem: 'large' } }, [3, 32, 32])
  expect(model.backbone?.model.output).toEqual([512])
})

test('what does not fit is refused by name', () => {
  expect(faultOf({ file: join(folder, 'none.onnx') })).toContain(
    'model-import: cannot import network: expected a readable file, got no such file',
  )
  expect(faultOf({ file: onnx, sha256: '0'.repeat(64) })).toContain('model-import')
  expect(faultOf({ file: onnx, sha256: sha256Hex(exportOnnx(teacher, trained, { head: 'softmax' })) })).not.toContain('model-import')
  expect(faultOf({ file: onnx }, [3, 8, 9])).toContain('expected rows of 3 × 8 × 8, got 3 × 8 × 9')
  expect(faultOf({ file: tensors })).toContain('model.network')
  expect(faultOf({ file: tensors, network: { kind: 'mlp' } })).toContain('safetensors')
  expect(faultOf({ file: write('cut.onnx', exportOnnx(teacher, trained, { head: 'softmax' }).subarray(0, 900)) })).toContain('onnx-file')
  expect(faultOf({ file: write('cut.safetensors', encodeParams(trained).subarray(0, 900)), network: { kind: 'cnn' } })).toContain(
    'safetensors',
  )
})
