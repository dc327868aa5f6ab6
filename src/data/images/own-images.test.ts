// Pictures of one's own: folders of every layout, arrays, what is inferred of them, and what becomes of damaged files.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { partition } from '../partition.ts'
import { splitRows } from '../split.ts'
import { imageBatches, wholeBatch } from './batches.ts'
import golden from './images.golden.json' with { type: 'json' }
import { imageFolder } from './image-folder.node.ts'
import { pictureFile, preparePictures } from './picture-files.node.ts'
import { inferImages } from './infer-images.node.ts'
import { loadImages } from './load-images.node.ts'
import { npzImages } from './npz-images.node.ts'

const temporary = await mkdtemp(join(tmpdir(), 'yimeng-images-'))
afterAll(() => rm(temporary, { recursive: true, force: true }))

const bytesOf = (text: string | undefined): Uint8Array => Uint8Array.from(Buffer.from(text ?? '', 'base64'))
const [grey, progressive, colour] = golden.jpegs.map(({ file }) => bytesOf(file))
const small = bytesOf(golden.pngs.find(({ colour: kind, bits }) => kind === 0 && bits === 8)?.file)
const scan = readFileSync(new URL('samples/MR_small.dcm', import.meta.url))
const cut = small.subarray(0, small.length - 30)

/** A folder with the given files. */
const folderOf = async (name: string, files: Readonly<Record<string, Uint8Array | string | undefined>>): Promise<string> => {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(temporary, name, path)), { recursive: true })
    await writeFile(join(temporary, name, path), content ?? '')
  }
  return join(temporary, name)
}

test('a folder for each class: sorted, labelled, decoded, split and dealt like any data set', async () => {
  const folder = await folderOf('classes', {
    'well/1.png': small,
    'well/2.jpg': grey,
    'ill/a.jpg': progressive,
    'ill/b.jpeg': colour,
    'ill/c.PNG': small,
    'ill/.hidden.png': 'x',
    'ill/notes.txt': 'x',
    'README.md': 'x',
  })
  const dataset = await imageFolder(folder, { shape: [1, 8, 8] })
  expect(dataset).toMatchObject({ name: 'classes', rows: 5, shape: [1, 8, 8], white: 255, skipped: [] })
  expect(dataset.schema.label.levels).toEqual(['ill', 'well'])
  expect(dataset.files).toEqual(['ill/a.jpg', 'ill/b.jpeg', 'ill/c.PNG', 'well/1.png', 'well/2.jpg'])
  expect([...dataset.labels]).toEqual([0, 0, 0, 1, 1])
  expect((await imageFolder(folder, { shape: [3, 4, 4], positive: 'ill' })).schema.label.levels).toEqual(['well', 'ill'])
  const { inputs } = await wholeBatch(imageBatches(dataset))
  expect(inputs.length).toBe(5 * 64)
  expect(inputs.every((value) => value >= 0 && value <= 1)).toBe(true)
  // splits and partitions take image sets as they take tables
  const split = splitRows({ dataset, testShare: 0.4, seed: seed(1) })
  expect([split.train.length, split.test.length]).toEqual([3, 2])
  expect(
    partition
      .iid(dataset.labels, 2, seed(1))
      .map((rows) => rows.length)
      .toSorted((a, b) => a - b),
  ).toEqual([2, 3])
  const found = await inferImages(folder)
  expect(found).toMatchObject({
    layout: 'class',
    rows: 5,
    classes: { ill: 3, well: 2 },
    sites: {},
    sizes: { '31 × 24': 3, '13 × 9': 2 },
    modes: { 'png grey 8 bit': 2, 'jpeg colour 8 bit': 1, 'jpeg grey 8 bit': 1, 'jpeg grey 8 bit, progressive': 1 },
    corrupt: [],
    ignored: { '.txt': 1, '.md': 1 },
    coloured: true,
    shape: [3, 24, 32],
  })
})

test('on demand: the same bytes as in memory, the cache bounded, a file that changed named with its row', async () => {
  const folder = await folderOf('demand', { 'a/1.png': small, 'a/2.jpg': grey, 'b/3.jpg': progressive, 'b/4.png': small })
  const [held, lazy] = [
    await imageFolder(folder, { shape: [1, 8, 8] }),
    await imageFolder(folder, { shape: [1, 8, 8], memoryBytes: 0, cacheBytes: 128 }),
  ]
  expect(held.pixels.heldBytes()).toBe(256)
  expect(lazy.pixels.heldBytes()).toBe(0)
  expect(await lazy.pixels.read([3, 0, 1, 2, 1])).toEqual(await held.pixels.read([3, 0, 1, 2, 1]))
  expect(lazy.pixels.heldBytes()).toBe(128)
  expect([...(await wholeBatch(imageBatches(lazy))).targets]).toEqual([0, 0, 1, 1])
  await writeFile(join(folder, 'b/4.png'), cut)
  await lazy.pixels.read([0, 1])
  await expect(lazy.pixels.read([3])).rejects.toThrow(/expected a whole PNG file, got a truncated one \(file b\/4\.png, row 3\)/)
})

test('sites and sets by their folders; DICOM patients as pseudonyms that keep together', async () => {
  const sites = await imageFolder(
    await folderOf('sites', { '北京/ill/1.dcm': scan, '北京/well/2.png': small, '上海/ill/3': scan, '上海/well/4.png': small }),
    { shape: [1, 16, 16], name: 'scans' },
  )
  expect(sites).toMatchObject({ name: 'scans', sites: ['上海', '上海', '北京', '北京'] })
  const [first = '', none, second] = sites.patients ?? []
  expect([first.length, none, second]).toEqual([16, '', first])
  expect(first).toMatch(/^[0-9a-f]+$/)
  const byPatient = splitRows({ dataset: sites, testShare: 0.5, seed: seed(4) })
  for (const rows of [byPatient.train, byPatient.test]) expect([0, 2].filter((row) => rows.includes(row)).length % 2).toBe(0)
  const files = { 'Training/a/1.png': small, 'Training/b/2.png': small, 'Testing/a/3.png': small, 'Testing/b/4.png': small }
  const folder = await folderOf('sets', files)
  const { split, sites: without } = await imageFolder(folder, { shape: [1, 4, 4] })
  expect([without, split]).toEqual([undefined, { train: Uint32Array.of(2, 3), validation: new Uint32Array(0), test: Uint32Array.of(0, 1) }])
  expect(await inferImages(folder)).toMatchObject({ layout: 'set/class', sets: { train: 2, test: 2 }, shape: [1, 9, 13] })
})

test('damaged files: refused by name, or skipped and listed', async () => {
  const folder = await folderOf('damaged', { 'a/1.png': small, 'a/2.png': cut, 'b/3.png': small, 'b/4.jpg': 'GIF89a', 'b/5.png': '' })
  await expect(imageFolder(folder, { shape: [1, 4, 4] })).rejects.toMatchObject({ code: 'image-corrupt', where: { file: 'a/2.png' } })
  const dataset = await imageFolder(folder, { shape: [1, 4, 4], corrupt: 'skip' })
  expect(dataset.files).toEqual(['a/1.png', 'b/3.png'])
  const skipped = [
    { file: 'a/2.png', code: 'image-corrupt', expected: 'a whole PNG file', got: 'a truncated one' },
    { file: 'b/4.jpg', code: 'image-kind', expected: 'a PNG, JPEG, DICOM or NIfTI file', got: 'a file that begins otherwise' },
    { file: 'b/5.png', code: 'image-corrupt', expected: 'a file with a picture', got: 'an empty file' },
  ]
  expect(dataset.skipped).toEqual(skipped)
  expect(await inferImages(folder)).toMatchObject({ rows: 2, classes: { a: 1, b: 1 }, corrupt: skipped })
  await expect(imageFolder(folder, { shape: [1, 4, 4], limits: { fileBytes: 10 } })).rejects.toMatchObject({ code: 'image-large' })
})

test('folders that are no set: each says what is wrong and where', async () => {
  const refused = async (
    files: Record<string, Uint8Array | string>,
    message: RegExp,
    name = Object.keys(files).join('-').replaceAll('/', '_'),
  ) => expect(imageFolder(await folderOf(name, files), { shape: [1, 4, 4] })).rejects.toThrow(message)
  await expect(imageFolder(join(temporary, 'nowhere'), { shape: [1, 4, 4] })).rejects.toThrow(/expected a folder, got nothing of that name/)
  await refused({ 'a/notes.txt': 'x' }, /expected PNG, JPEG, DICOM or NIfTI files, got none/)
  await refused({ '1.png': small }, /a folder for each class.* got 1\.png/)
  await refused({ 'a/1.png': small, 'b/c/2.png': small }, /every picture in as many folders as a\/1\.png, got b\/c\/2\.png/)
  await refused({ 'a/1.png': small }, /at least two classes, got 1/)
  await refused({ 'a/b/c/d/e/1.png': small }, /deeper folders/)
  await expect(pictureFile(join(temporary, 'none.png'), { file: 'none.png' })).rejects.toMatchObject({ code: 'image-missing' })
  // a link may lead anywhere: it is not followed
  const linked = await folderOf('linked', { 'a/1.png': small, 'b/2.png': small })
  await symlink('/', join(linked, 'c'))
  expect((await imageFolder(linked, { shape: [1, 4, 4] })).rows).toBe(2)
})

test('arrays: MedMNIST’s and plain names, windows, sizes; a row without a class or a number', async () => {
  const file = join(temporary, 'plain.npz')
  await writeFile(file, bytesOf(golden.archives[1]?.file))
  const dataset = await npzImages(file)
  expect(dataset).toMatchObject({ name: 'plain', rows: 6, shape: [1, 5, 4], skipped: [] })
  expect([...dataset.labels]).toEqual([0, 1, 0, 1, 0, 1])
  expect(dataset.schema.label.levels).toEqual(['0', '1'])
  expect(await loadImages({ npz: file, classes: ['well', 'ill'], recipe: { shape: [3, 8, 8] } })).toMatchObject({ shape: [3, 8, 8] })
  expect(await inferImages(file)).toMatchObject({
    source: 'arrays',
    rows: 6,
    classes: { 0: 3, 1: 3 },
    sizes: { '4 × 5': 6 },
    shape: [1, 5, 4],
  })
  await expect(npzImages(file, { classes: ['only one'] })).rejects.toThrow(/a class below 1.*\(file plain\.npz images, row 1\)/)
  const skipping = await npzImages(file, { classes: ['only one'], corrupt: 'skip' })
  expect([skipping.rows, skipping.skipped.map(({ row }) => row)]).toEqual([3, [1, 3, 5]])
  await expect(npzImages(file, { limits: { fileBytes: 100 } })).rejects.toThrow(/expected at most 100 bytes, got \d+ \(file plain\.npz\)/)
  await writeFile(join(temporary, 'cut.npz'), bytesOf(golden.archives[1]?.file).subarray(0, 200))
  await expect(npzImages(join(temporary, 'cut.npz'))).rejects.toMatchObject({ code: 'image-corrupt' })
})

test('new pictures to classify: prepared as the set was, damaged ones listed', async () => {
  const folder = await folderOf('new', { 'x/1.png': small, 'x/2.png': cut, 'y/3.jpg': grey })
  const set = await imageFolder(folder, { shape: [1, 8, 8], corrupt: 'skip' })
  const paths = ['y/3.jpg', 'x/2.png', 'x/1.png'].map((path) => join(folder, path))
  const found = await preparePictures(paths, { shape: [1, 8, 8] }, { corrupt: 'skip' })
  expect(found.files).toEqual([paths[0], paths[2]])
  expect(found.bytes).toEqual(await set.pixels.read([1, 0]))
  expect(found.skipped).toMatchObject([{ file: paths[1], code: 'image-corrupt' }])
  await expect(preparePictures(paths, { shape: [1, 8, 8] })).rejects.toMatchObject({ where: { file: paths[1] } })
  await expect(preparePictures(paths, { shape: [1, 8, 8, 8] })).rejects.toMatchObject({ code: 'image-shape', where: { file: paths[0] } })
})

test('scans: a folder of slices is a volume; a damaged slice is named', async () => {
  const slices = { 'ill/p1/1.png': small, 'ill/p1/2.png': small, 'ill/p1/3.png': small, 'well/p2/1.png': small, 'well/p2/2.png': small }
  const folder = await folderOf('scans', slices)
  const set = await imageFolder(folder, { shape: [1, 2, 9, 13], scans: true })
  expect([set.rows, set.files, [...set.labels]]).toEqual([2, ['ill/p1', 'well/p2'], [0, 1]])
  const flat = (await preparePictures([join(folder, 'ill/p1/1.png')], { shape: [1, 9, 13] })).bytes
  expect(await set.pixels.read([1])).toEqual(new Uint8Array([...flat, ...flat]))
  const found = await inferImages(folder, { scans: true })
  expect(found).toMatchObject({ layout: 'class', rows: 2, sizes: { '13 × 9 × 2': 1, '13 × 9 × 3': 1 } })
  expect((await preparePictures([join(folder, 'well/p2')], { shape: [1, 2, 9, 13] })).bytes).toEqual(await set.pixels.read([1]))
  await writeFile(join(folder, 'ill/p1/DICOMDIR'), 'a list, no slice')
  expect((await inferImages(folder, { scans: true })).corrupt).toEqual([])
  await expect(imageFolder(folder, { shape: [1, 2, 9, 13], scans: true, limits: { samples: 200 } })).rejects.toMatchObject({
    code: 'image-large',
  })
  await writeFile(join(folder, 'ill/p1/2.png'), cut)
  expect((await inferImages(folder, { scans: true })).corrupt).toMatchObject([{ file: 'ill/p1/2.png', code: 'image-corrupt' }])
})
