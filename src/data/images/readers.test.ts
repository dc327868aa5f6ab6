// The readers against Pillow, pydicom, nibabel and NumPy (tools/golden/data-images.py).
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digest, digestOf } from './digest.suite.ts'
import golden from './images.golden.json' with { type: 'json' }
import { readIdx } from './idx.ts'
import { readNpy } from './npy.ts'
import { readNpz } from './npz.ts'
import type { Picture } from './picture.ts'
import { readPicture } from './read-picture.ts'

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const flat = (picture: Picture) => digest([picture.height, picture.width, picture.channels], picture.samples)

const data = process.env['YIMENG_DATA'] ?? ''
const here = existsSync(join(data, 'samples', 'dicom'))
const why = here ? '' : ' — SKIPPED: set YIMENG_DATA to a folder with samples/ and brain-tumour/'
if (!here) console.warn(`sample files are not on this machine: 3 tests${why}`)

test.each(golden.pngs)('PNG of colour type $colour, $bits bits, interlaced $interlaced, every filter', async (entry) => {
  const picture = await readPicture(bytesOf(entry.file), { file: 'a.png' })
  expect(flat(picture)).toEqual(digestOf(entry))
  expect(picture.range).toEqual([0, entry.bits === 16 ? 65_535 : 255])
})

test.each(golden.jpegs)('JPEG, $name: bit for bit what Pillow reads', async (entry) => {
  expect(flat(await readPicture(bytesOf(entry.file), { file: 'a.jpg' }))).toEqual(digestOf(entry))
})

test('JPEG in four colours is refused', async () => {
  await expect(readPicture(bytesOf(golden.cmyk), { file: 'a.jpg' })).rejects.toMatchObject({ code: 'image-kind', where: { file: 'a.jpg' } })
})

test.skipIf(!here)(`JPEG: original pictures of the brain tumour set, as Pillow reads them${why}`, async () => {
  for (const entry of golden.originals) {
    const picture = await readPicture(readFileSync(join(data, entry.file)), { file: entry.file })
    expect(flat(picture), entry.file).toEqual(digestOf(entry))
  }
})

const own = new URL('samples/', import.meta.url)
const dicomHere = (file: string) => existsSync(new URL(file, own))
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b))

const holdsDicom = async (entry: (typeof golden.dicoms)[number], bytes: Uint8Array) => {
  const { file } = entry
  const read = readPicture(bytes, { file })
  if (entry.refused !== undefined) {
    await expect(read, file).rejects.toThrow(/^cannot read image: .* \(file /)
    return
  }
  const picture = await read
  const found = digest([], picture.samples)
  const lengths = [picture.depth, picture.height, picture.width, picture.channels].filter((length) => length > 1)
  expect(lengths, file).toEqual(entry.shape)
  for (const key of ['min', 'max', 'sum', 'weighted'] as const)
    expect(near(found[key], entry[key] ?? Number.NaN), `${file} ${key}`).toBe(true)
}

test('DICOM: little-endian, RLE, JPEG 2000 (lossy and lossless), deflated, in grey and colour, as pydicom reads them', async () => {
  const entries = golden.dicoms.filter(({ file }) => dicomHere(file))
  expect(entries.length).toBe(6)
  for (const entry of entries) await holdsDicom(entry, readFileSync(new URL(entry.file, own)))
})

test.skipIf(!here)(`DICOM: all samples, big-endian, segmentations and doses among them; broken ones are refused${why}`, async () => {
  for (const entry of golden.dicoms) await holdsDicom(entry, readFileSync(join(data, 'samples', 'dicom', entry.file)))
})

test('DICOM: window, patient and range of a scan', async () => {
  const picture = await readPicture(readFileSync(new URL('MR_small.dcm', own)), { file: 'MR_small.dcm' })
  // window centre 600, width 1600
  expect(picture).toMatchObject({ range: [-200, 1399], mode: 'grey 16 bit', format: 'dicom', depth: 1, patient: expect.any(String) })
})

test('DICOM: lossless JPEG, by the checksums that the decoder’s authors publish', async () => {
  const folder = new URL('../../../node_modules/jpeg-lossless-decoder-js/tests/data/', import.meta.url)
  // each file holds the same picture under another predictor
  const read = async (file: string) => readPicture(readFileSync(new URL(file, folder)), { file })
  const first = await read('jpeg_lossless_sel1.dcm')
  expect(first).toMatchObject({ width: 256, height: 256, channels: 1 })
  for (const selection of [2, 3, 4, 5, 6, 7]) {
    const other = await read(`jpeg_lossless_sel${selection}.dcm`)
    expect(digest([], other.samples), String(selection)).toEqual(digest([], first.samples))
  }
})

test('NIfTI: a gzipped volume as nibabel reads it', async () => {
  const entry = golden.niftis.find(({ file }) => file === 'standard.nii.gz')
  const picture = await readPicture(readFileSync(new URL('standard.nii.gz', own)), { file: 'standard.nii.gz' })
  expect(digest([picture.depth, picture.height, picture.width], picture.samples)).toEqual(entry && digestOf(entry))
  expect(picture).toMatchObject({ format: 'nifti', channels: 1 })
})

test.skipIf(!here)(`NIfTI: big-endian with scaling; four axes are refused${why}`, async () => {
  for (const entry of golden.niftis) {
    const read = readPicture(readFileSync(join(data, 'samples', 'nifti', entry.file)), { file: entry.file })
    if (entry.shape.length === 4) await expect(read).rejects.toMatchObject({ code: 'image-kind' })
    else {
      const picture = await read
      expect(digest([picture.depth, picture.height, picture.width], picture.samples)).toEqual(digestOf(entry))
    }
  }
})

test.each(golden.arrays)('NumPy array $descr, order $order', (entry) => {
  const { shape, values } = readNpy(bytesOf(entry.file), { file: 'a.npy' })
  expect(digest(shape, values)).toEqual(digestOf(entry))
})

test('NumPy arrays of objects are refused, never unpickled', () => {
  expect(() => readNpy(bytesOf(golden.objects), { file: 'a.npy' })).toThrow(/arrays? of numbers.*objects/)
})

test('NumPy archives, stored and deflated', async () => {
  for (const entry of golden.archives) {
    const archive = readNpz(bytesOf(entry.file), { file: 'a.npz' })
    expect(archive.names).toEqual(['images', 'labels'])
    const images = await archive.array('images')
    expect(digest(images.shape, images.values)).toEqual(digestOf(entry.images))
    const labels = await archive.array('labels')
    expect(digest(labels.shape, labels.values)).toEqual(digestOf(entry.labels))
    await expect(archive.array('x')).rejects.toThrow(/an array named x/)
  }
})

test('IDX: bytes of three axes', () => {
  const header = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3]
  expect(readIdx(Uint8Array.of(...header, 1, 2, 3, 4, 5, 6), { file: 'a' })).toEqual({
    shape: [2, 1, 3],
    values: Uint8Array.of(1, 2, 3, 4, 5, 6),
  })
  expect(() => readIdx(Uint8Array.of(...header, 1, 2, 3), { file: 'a' })).toThrow(/expected 6 bytes, got 3/)
})
