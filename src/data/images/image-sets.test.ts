// The named image sets: counts as published, known pixels, and what happens without their files.
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sha256Hex } from '../../base/index.ts'
import { dataSets, loadDataset } from '../data-sets.node.ts'
import { imageBatches } from './batches.ts'
import type { ImageDataset } from './image-dataset.ts'
import { loadImages } from './load-images.node.ts'
import { namedImageSets } from './sets/index.ts'

const temporary = await mkdtemp(join(tmpdir(), 'yimeng-image-sets-'))
afterAll(() => rm(temporary, { recursive: true, force: true }))
const bare = { cache: join(temporary, 'none') }

const here = (name: string) => dataSets.list().some((set) => set.name === name && set.state === 'found')
const whyNot = (name: string) => {
  if (here(name)) return ''
  const why = ` — SKIPPED: set YIMENG_DATA to a folder with its files${name === 'brain-tumour' ? '' : `, or run \`yimeng data get ${name}\``}`
  console.warn(`${name} is not on this machine: 1 test${why}`)
  return why
}

const classesIn = ({ labels, schema }: ImageDataset, rows: Uint32Array | undefined) => {
  const counts = schema.label.levels.map(() => 0)
  for (const row of rows ?? []) counts[labels[row] ?? -1] = (counts[labels[row] ?? -1] ?? 0) + 1
  return counts
}

const sizes = ({ split }: ImageDataset) => [split?.train.length, split?.validation.length, split?.test.length]

test('digits as pictures: the table’s numbers, 16 is white', async () => {
  const [pictures, table] = [await loadImages('digits', { folders: bare, download: false }), await loadDataset('digits')]
  expect(pictures).toMatchObject({ rows: 1797, shape: [1, 8, 8], white: 16, labels: table.labels })
  const { inputs } = await imageBatches(pictures).take([3, 0])
  for (let pixel = 0; pixel < 64; pixel += 1) expect(inputs[64 + pixel]).toBe((table.values[pixel]?.[0] ?? 0) / 16)
})

test.skipIf(!here('mnist'))(`mnist: counts, checksum of all pixels and labels, split${whyNot('mnist')}`, async () => {
  const dataset = await loadImages('mnist', { download: false })
  expect([dataset.rows, dataset.shape, sizes(dataset)]).toEqual([70_000, [1, 28, 28], [60_000, 0, 10_000]])
  expect(classesIn(dataset, dataset.split?.train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
  expect(classesIn(dataset, dataset.split?.test)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
  // the first training digit is a 5, the first test digit a 7
  expect([dataset.labels[0], dataset.labels[60_000]]).toEqual([5, 7])
  const first = await dataset.pixels.read([0])
  expect(first.reduce((sum, byte) => sum + byte, 0)).toBe(27_525)
})

test.skipIf(!here('pneumonia'))(`pneumonia: counts as MedMNIST publishes them${whyNot('pneumonia')}`, async () => {
  const dataset = await loadImages('pneumonia', { download: false })
  expect([dataset.rows, dataset.shape, sizes(dataset)]).toEqual([5856, [1, 28, 28], [4708, 524, 624]])
  expect(classesIn(dataset, dataset.split?.train)).toEqual([1214, 3494])
  expect(classesIn(dataset, dataset.split?.validation)).toEqual([135, 389])
  expect(classesIn(dataset, dataset.split?.test)).toEqual([234, 390])
  expect(dataset.schema.label.levels).toEqual(['normal', 'pneumonia'])
})

test.skipIf(!here('adrenal-3d'))(`adrenal-3d: counts as MedMNIST publishes them, voxels 0 or 255${whyNot('adrenal-3d')}`, async () => {
  const dataset = await loadImages('adrenal-3d', { download: false })
  expect([dataset.rows, dataset.shape, sizes(dataset)]).toEqual([1584, [1, 28, 28, 28], [1188, 98, 298]])
  expect(classesIn(dataset, dataset.split?.train)).toEqual([929, 259])
  expect(classesIn(dataset, dataset.split?.test)).toEqual([229, 69])
  const bytes = await dataset.pixels.read([0, 800, 1583])
  expect(bytes.every((byte) => byte === 0 || byte === 255)).toBe(true)
  const { inputs, inputShape } = await imageBatches(dataset).take([5])
  expect([inputs.length, inputShape]).toEqual([21_952, [1, 28, 28, 28]])
})

test.skipIf(!here('brain-tumour'))(`brain-tumour: each picture once, fold 0 to judge by${whyNot('brain-tumour')}`, async () => {
  const dataset = await loadImages('brain-tumour', { download: false })
  expect([dataset.rows, dataset.shape, sizes(dataset)]).toEqual([2870, [1, 128, 128], [2286, 0, 584]])
  expect(
    classesIn(
      dataset,
      Uint32Array.from({ length: 2870 }, (_, row) => row),
    ),
  ).toEqual([327, 823, 886, 834])
  // no picture on both sides
  const [learnt, judged] = [dataset.split?.train ?? [], dataset.split?.test ?? []]
  const hashes = async (rows: ArrayLike<number>) => {
    const bytes = await dataset.pixels.read(rows)
    return Array.from({ length: rows.length }, (_, at) => sha256Hex(bytes.subarray(at * 16_384, (at + 1) * 16_384)))
  }
  const seen = new Set(await hashes(learnt))
  expect((await hashes(judged)).filter((hash) => seen.has(hash))).toEqual([])
})

test.skipIf(!here('brain-tumour'))(
  `brain-tumour: a picture that is missing or not the published one is named${whyNot('brain-tumour')}`,
  async () => {
    const given = join(temporary, 'given')
    await mkdir(join(given, 'brain-tumour', 'test', 'glioma_tumor'), { recursive: true })
    for (const { file, path } of await dataSets.verify('brain-tumour')) await copyFile(path ?? '', join(given, ...file.path.split('/')))
    const load = () => loadImages('brain-tumour', { folders: { given, ...bare }, download: false })
    const first = 'test/glioma_tumor/image.png'
    await expect(load()).rejects.toMatchObject({ code: 'data-absent', where: { file: `brain-tumour/${first}` } })
    await writeFile(join(given, 'brain-tumour', ...first.split('/')), 'another file')
    await expect(load()).rejects.toMatchObject({ code: 'data-changed', where: { file: first, row: 0 } })
  },
)

test('without files: listed as absent, and a fault that says how to get them', async () => {
  const listed = dataSets.list(bare)
  for (const { name, shape, label, rows } of namedImageSets.filter((set) => set.name !== 'digits'))
    expect(listed.find((set) => set.name === name)).toMatchObject({
      state: 'absent',
      shape,
      rows,
      columns: 0,
      classes: label.levels.length,
    })
  expect(listed.filter(({ name }) => name === 'digits').length).toBe(1)
  await expect(loadImages('mnist', { folders: bare, download: false })).rejects.toThrow(/yimeng data get mnist.*4 of 4 missing/)
  // no public original: not even a download is tried
  await expect(loadImages('brain-tumour', { folders: bare })).rejects.toMatchObject({ code: 'data-absent' })
  await expect(loadImages('mnits', { folders: bare })).rejects.toThrow(/cannot find image set mnits: expected mnist/)
  await expect(loadDataset('pneumonia', { folders: bare })).rejects.toMatchObject({ code: 'data-set-images' })
  expect(await dataSets.describe('mnist', bare)).toMatchObject({ schema: { features: [], label: { name: 'digit' } } })
})
