// DICOM's ways to store pixels, in files written here: bit depths, byte orders, signs, planes, frames, fragments and every codec.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { array, assert, asyncProperty, boolean, constantFrom, integer } from 'fast-check'
import { expect, test } from 'vitest'
import golden from './images.golden.json' with { type: 'json' }
import { joinBytes } from './inflate.ts'
import { readPicture } from './read-picture.ts'
import { stacked } from './stack.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value.length % 2 === 0 ? value : `${value} `)
const short = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8)
const long = (value: number): Uint8Array => Uint8Array.from([0, 8, 16, 24], (shift) => (value >>> shift) & 255)

/** One element in explicit little-endian. */
const element = (group: number, number: number, vr: string, value: Uint8Array, length = value.length): Uint8Array => {
  const wide = ['OB', 'OW', 'UN', 'SQ'].includes(vr)
  return joinBytes([short(group), short(number), text(vr), ...(wide ? [short(0), long(length)] : [short(length)]), value])
}

/** Fragments in items, after an empty offset table. */
const encapsulated = (fragments: readonly Uint8Array[]): Uint8Array =>
  joinBytes([
    ...[new Uint8Array(0), ...fragments].map((bytes) => {
      const even = bytes.length % 2 === 0 ? bytes : joinBytes([bytes, Uint8Array.of(0)])
      return joinBytes([short(0xfffe), short(0xe000), long(even.length), even])
    }),
    short(0xfffe),
    short(0xe0dd),
    long(0),
  ])

interface Pixels {
  readonly rows: number
  readonly columns: number
  readonly pixels: Uint8Array | readonly Uint8Array[]
  readonly syntax?: string
  readonly frames?: number
  readonly samples?: number
  readonly allocated?: number
  readonly stored?: number
  readonly signed?: boolean
  readonly planar?: boolean
  readonly photometric?: string
  readonly more?: readonly Uint8Array[]
}

const dicom = (given: Pixels): Uint8Array => {
  const { rows, columns, pixels, syntax = '1.2.840.10008.1.2.1', frames, samples = 1, allocated = 16, stored = allocated } = given
  const meta = element(2, 0x10, 'UI', text(syntax))
  const body = [
    element(0x28, 2, 'US', short(samples)),
    element(0x28, 4, 'CS', text(given.photometric ?? 'MONOCHROME2')),
    ...(samples > 1 ? [element(0x28, 6, 'US', short(given.planar === true ? 1 : 0))] : []),
    ...(frames === undefined ? [] : [element(0x28, 8, 'IS', text(String(frames)))]),
    element(0x28, 0x10, 'US', short(rows)),
    element(0x28, 0x11, 'US', short(columns)),
    element(0x28, 0x100, 'US', short(allocated)),
    element(0x28, 0x101, 'US', short(stored)),
    element(0x28, 0x102, 'US', short(stored - 1)),
    element(0x28, 0x103, 'US', short(given.signed === true ? 1 : 0)),
    ...(given.more ?? []),
    pixels instanceof Uint8Array ? element(0x7fe0, 0x10, 'OW', pixels) : element(0x7fe0, 0x10, 'OB', encapsulated(pixels), 0xff_ff_ff_ff),
  ]
  return joinBytes([new Uint8Array(128), text('DICM'), element(2, 0, 'UL', long(meta.length)), meta, ...body])
}

const read = (given: Pixels) => readPicture(dicom(given), { file: 'made.dcm' })
const words = (values: readonly number[]): Uint8Array => joinBytes(values.map((value) => short(value & 0xff_ff)))

test('stored bits: what lies above them is no pixel, and the highest is the sign', () =>
  assert(
    asyncProperty(
      constantFrom(8, 10, 12, 16),
      boolean(),
      array(integer({ min: -32_768, max: 65_535 }), { minLength: 4, maxLength: 4 }),
      async (stored, signed, raw) => {
        const { samples } = await read({ rows: 2, columns: 2, stored, signed, pixels: words(raw) })
        const expected = raw.map((value) => {
          const low = value & (2 ** stored - 1)
          return signed && low >= 2 ** (stored - 1) ? low - 2 ** stored : low
        })
        expect([...samples]).toEqual(expected)
      },
    ),
  ))

test('rescaling, windows and MONOCHROME1', async () => {
  const rescale = [element(0x28, 0x1052, 'DS', text('-1024')), element(0x28, 0x1053, 'DS', text('2'))]
  const window = [element(0x28, 0x1050, 'DS', text('40\\50')), element(0x28, 0x1051, 'DS', text('401\\9'))]
  const plain = { rows: 1, columns: 2, pixels: words([0, 1000]) }
  // elements stand in the order of their numbers
  const scan = await read({ ...plain, more: [...window, ...rescale] })
  expect(scan).toMatchObject({ samples: Float32Array.of(-1024, 976), range: [-160.5, 239.5] })
  expect(await read(plain)).toMatchObject({ samples: Uint16Array.of(0, 1000), range: [0, 1000] })
  expect(await read({ ...plain, photometric: 'MONOCHROME1' })).toMatchObject({ range: [1000, 0] })
})

test('frames are slices, in order; planes and YBR become RGB', async () => {
  const volume = await read({ rows: 1, columns: 2, frames: 3, allocated: 8, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) })
  expect(volume).toMatchObject({ depth: 3, height: 1, width: 2, samples: Uint8Array.of(1, 2, 3, 4, 5, 6) })
  const colours = { rows: 1, columns: 2, samples: 3, allocated: 8 }
  const planar = await read({ ...colours, planar: true, photometric: 'RGB', pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) })
  expect([...planar.samples]).toEqual([1, 3, 5, 2, 4, 6])
  // white, and ITU-R 601 red
  const ybr = await read({ ...colours, photometric: 'YBR_FULL', pixels: Uint8Array.of(255, 128, 128, 76, 85, 255) })
  expect([...ybr.samples]).toEqual([255, 255, 255, 254, 0, 0])
})

test('palettes: 8 and 16 bits, values outside take the ends', async () => {
  const descriptor = (bits: number) => [1, 2, 3].map((k) => element(0x28, 0x1100 + k, 'US', joinBytes([short(2), short(5), short(bits)])))
  const table = (values: readonly Uint8Array[]) => values.map((bytes, k) => element(0x28, 0x1201 + k, 'OW', bytes))
  const given = { rows: 1, columns: 4, allocated: 8, photometric: 'PALETTE COLOR', pixels: Uint8Array.of(0, 5, 6, 255) }
  const expected = [1, 3, 5, 1, 3, 5, 2, 4, 6, 2, 4, 6]
  const bytes = await read({
    ...given,
    more: [...descriptor(8), ...table([Uint8Array.of(1, 2), Uint8Array.of(3, 4), Uint8Array.of(5, 6)])],
  })
  expect([...bytes.samples]).toEqual(expected)
  const wide = [
    [1, 2],
    [3, 4],
    [5, 6],
  ].map((pair) => words(pair.map((value) => value * 256 + 77)))
  const picture = await read({ ...given, more: [...descriptor(16), ...table(wide)] })
  expect(picture).toMatchObject({ channels: 3, range: [0, 255], samples: Uint8Array.from(expected) })
  await expect(read(given)).rejects.toMatchObject({ code: 'image-kind' })
})

const grey = Uint8Array.from(Buffer.from(golden.jpegs[0]?.file ?? '', 'base64'))

test('JPEG in frames and in fragments', async () => {
  const syntax = '1.2.840.10008.1.2.4.50'
  const plain = await readPicture(grey, { file: 'a.jpg' })
  const size = { rows: 24, columns: 31, allocated: 8, syntax }
  const [head, tail] = [grey.subarray(0, 100), grey.subarray(100)]
  expect((await read({ ...size, pixels: [head, tail] })).samples).toEqual(plain.samples)
  const two = await read({ ...size, frames: 2, pixels: [grey, grey] })
  expect(two.samples).toEqual(joinBytes([Uint8Array.from(plain.samples), Uint8Array.from(plain.samples)]))
  await expect(read({ ...size, frames: 2, pixels: [head, tail, grey] })).rejects.toMatchObject({ code: 'image-corrupt' })
  // the stream's size must be the file's
  await expect(read({ ...size, rows: 23, pixels: [grey] })).rejects.toThrow(/expected 31 × 23 × 1, got 31 × 24 × 1/)
})

interface Encoder {
  readonly getDecodedBuffer: (frame: object) => Uint8Array
  readonly setNearLossless: (near: number) => void
  readonly encode: () => void
  readonly getEncodedBuffer: () => Uint8Array
}

test('JPEG-LS: what CharLS packed comes back, 8 and 16 bits', async () => {
  const load = createRequire(import.meta.url)('@cornerstonejs/codec-charls/wasmjs') as () => Promise<{ JpegLSEncoder: new () => Encoder }>
  const { JpegLSEncoder } = await load()
  for (const bits of [8, 16]) {
    const values = Array.from({ length: 63 }, (_, at) => (at * at * 17) % 2 ** bits)
    const bytes = bits === 8 ? Uint8Array.from(values) : words(values)
    const encoder = new JpegLSEncoder()
    encoder.getDecodedBuffer({ width: 9, height: 7, bitsPerSample: bits, componentCount: 1, isSigned: false }).set(bytes)
    encoder.setNearLossless(0)
    encoder.encode()
    const packed = Uint8Array.from(encoder.getEncodedBuffer())
    const picture = await read({ rows: 7, columns: 9, allocated: bits, syntax: '1.2.840.10008.1.2.4.80', pixels: [packed] })
    expect([...picture.samples]).toEqual(values)
  }
})

test('slices of a scan: by position along their normal, else by number; two scans in one are refused', async () => {
  const slice = (z: number, number: number, value: number, columns = 2) =>
    read({
      rows: 1,
      columns,
      pixels: words(Array.from({ length: columns }, () => value)),
      // group 0x20 stands before 0x28: dicom-parser keeps elements by tag
      more: [
        element(0x20, 0x13, 'IS', text(String(number))),
        ...(Number.isNaN(z) ? [] : [element(0x20, 0x32, 'DS', text(`0\\0\\${z}`)), element(0x20, 0x37, 'DS', text('1\\0\\0\\0\\1\\0'))]),
      ],
    })
  const stack = async (...slices: readonly ReturnType<typeof slice>[]) =>
    stacked(
      (await Promise.all(slices)).map((picture, at) => ({ picture, file: `${at}.dcm` })),
      { file: 'scan' },
    )
  const byPosition = await stack(slice(5, 1, 50), slice(-2.5, 2, 25), slice(0, 3, 0))
  expect(byPosition).toMatchObject({ depth: 3, height: 1, width: 2, samples: Uint16Array.of(25, 25, 0, 0, 50, 50), range: [0, 50] })
  expect((await stack(slice(Number.NaN, 9, 9), slice(Number.NaN, 8, 8))).samples).toEqual(Uint16Array.of(8, 8, 9, 9))
  await expect(stack(slice(1, 1, 1), slice(1, 2, 2))).rejects.toMatchObject({ code: 'image-kind', where: { file: '1.dcm' } })
  await expect(stack(slice(1, 1, 1), slice(2, 2, 2, 4))).rejects.toThrow(/expected slices of 2 × 1 × 1, got 4 × 1 × 1 \(file 1\.dcm\)/)
})

test('what is not read says so: no pixels, other colours, other syntaxes, lies about size', async () => {
  const plain = { rows: 2, columns: 2, pixels: words([1, 2, 3, 4]) }
  const refused = (given: Pixels, code: string, message: RegExp) =>
    expect(read(given)).rejects.toMatchObject({ code, message: expect.stringMatching(message), where: { file: 'made.dcm' } })
  await refused({ ...plain, rows: 0 }, 'image-kind', /with pixels/)
  await refused({ ...plain, photometric: 'HSV' }, 'image-kind', /got HSV/)
  await refused({ ...plain, syntax: '1.2.840.10008.1.2.4.201', pixels: [grey] }, 'image-kind', /transfer syntax/)
  await refused({ ...plain, rows: 3 }, 'image-corrupt', /expected 12 bytes of pixels, got 8/)
  await refused({ ...plain, frames: 999_999_999 }, 'image-large', /at most/)
  await refused({ ...plain, stored: 17 }, 'image-corrupt', /bits stored/)
  const scan = readFileSync(new URL('samples/MR_small.dcm', import.meta.url))
  // neither the fault nor its place tells who is shown
  const fault = await readPicture(scan.subarray(0, 4000), { file: 'scan.dcm' }).catch((error: unknown) => String(error))
  expect(fault).not.toMatch(/CompressedSamples|MR1/i)
})
