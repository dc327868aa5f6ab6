// The host's network from files, the guest's rows from a table; over memory, as the processes do it over TLS.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryChannels } from '../../base/index.ts'
import { encodeSafetensors } from '../../learn/index.ts'
import { type InferJob, readNetwork } from './infer-job.ts'
import { runJob } from './job.ts'

const folder = mkdtempSync(join(tmpdir(), 'yimeng-infer-'))
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const tensor = (name: string, shape: readonly number[], values: readonly number[]) => ({ name, shape, values: Float32Array.from(values) })

// 2 -> 3 -> 3, as torch.nn.Sequential(Linear, ReLU, Linear) names it; the layers out of order in the file
const network = file(
  'network.safetensors',
  encodeSafetensors([
    tensor('2.bias', [3], [0.1, -0.2, 0]),
    tensor('2.weight', [3, 3], [1, -1, 0.5, 0, 2, -1, -0.5, 1, 1]),
    tensor('0.weight', [3, 2], [1, -2, 0.5, 0.25, -1, 3]),
    tensor('0.bias', [3], [0, 1, -1]),
  ]),
)
const rows = [
  [1, 2],
  [-3, 0.5],
  [4, -1],
] as const
const table = file('rows.csv', `id,x,y\n${rows.map((row, i) => `p${i},${row.join(',')}`).join('\n')}\n`)

const inTheClear = (x: readonly number[]): readonly number[] => {
  const { layers } = readNetwork(network)
  return layers.reduce<readonly number[]>(
    (h, { weights, biases }, index) =>
      weights.map((row, k) => {
        const z = row.reduce((sum, w, j) => sum + w * (h[j] as number), biases[k] as number)
        return index < layers.length - 1 ? Math.max(0, z) : z
      }),
    x,
  )
}

const infer = async (shows: InferJob['shows'], model: string, csv = table) => {
  const [a, b] = memoryChannels()
  return Promise.allSettled([
    runJob(a, 'guest', { kind: 'infer', shows, csv, id: 'id' }),
    runJob(b, 'host', { kind: 'infer', shows, model, id: 'id' }),
  ])
}

test('classes and outputs are those in the clear; the host learns the number of rows', async () => {
  const expected = rows.map(inTheClear)
  const [guest, host] = await infer('class', network)
  expect(guest).toMatchObject({
    value: { result: { ids: ['p0', 'p1', 'p2'], classes: expected.map((list) => list.indexOf(Math.max(...list))) } },
  })
  expect(host).toMatchObject({ value: { result: { rows: 3 } } })
  expect(host).not.toHaveProperty('value.result.classes')
  const [outputs] = await infer('outputs', network)
  const shown = outputs?.status === 'fulfilled' ? (outputs.value.result['outputs'] as readonly (readonly number[])[]) : []
  expected.forEach((list, i) => list.forEach((z, k) => expect(shown[i]?.[k]).toBeCloseTo(z, 3)))
})

test('one output: the sign decides', async () => {
  const logit = file('logit.safetensors', encodeSafetensors([tensor('weight', [1, 2], [1, 1]), tensor('bias', [1], [-3])]))
  expect((await infer('class', logit))[0]).toMatchObject({ value: { result: { classes: [1, 0, 1] } } })
})

test('files and rows that do not fit stop both sides with a cause', async () => {
  const codes = async (...input: Parameters<typeof infer>) =>
    (await infer(...input)).map((one) => (one.status === 'rejected' ? (one.reason as { readonly code: string }).code : 'none'))
  const wide = file('wide.csv', 'id,x,y,z\np,1,2,3\n')
  expect(await codes('class', network, wide)).toEqual(['infer-shape', 'mpc-peer-stopped'])
  const pictures = file('conv.safetensors', encodeSafetensors([tensor('conv.weight', [1, 1, 2, 2], [1, 2, 3, 4])]))
  expect(() => readNetwork(pictures)).toThrow(/dense layers only/)
  expect(() => readNetwork(join(folder, 'none'))).toThrow(/readable file/)
})
