// Damaged, cut off and lying files: every one ends in a picture or in one fault that names it, soon, and within its memory.
import { readdirSync, readFileSync } from 'node:fs'
import { deflateRawSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Random, seed, YimengError } from '../../base/index.ts'
import { crc32 } from './crc32.ts'
import golden from './images.golden.json' with { type: 'json' }
import { readIdx } from './idx.ts'
import { readNpy } from './npy.ts'
import { readNpz } from './npz.ts'
import { readPicture } from './read-picture.ts'

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64'))
const folder = new URL('samples/', import.meta.url)
const files: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
  ...readdirSync(folder)
    .filter((name) => !name.endsWith('.md'))
    .map((name) => [name, Uint8Array.from(readFileSync(new URL(name, folder)))] as const),
  ['standard.nii', Uint8Array.from(gunzipSync(readFileSync(new URL('standard.nii.gz', folder))))],
  ...golden.jpegs.map(({ name, file }) => [`${name}.jpg`, bytesOf(file)] as const),
  ...golden.pngs.filter((_, at) => at % 5 === 0).map(({ colour, bits, file }) => [`${colour} ${bits}.png`, bytesOf(file)] as const),
]
const samples = 2 ** 22
const source = (file: string) => ({ file, samples, fileBytes: 2 ** 26 })

/** A file with one to eight bytes changed, most often near its beginning, or cut off, or with a piece repeated. */
const damaged = (bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array => {
  const kind = random.integer(4)
  if (kind === 0) return bytes.slice(0, random.integer(bytes.length))
  if (kind === 1) {
    const at = random.integer(bytes.length)
    return new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(random.integer(bytes.length))])
  }
  const copy = bytes.slice()
  for (let left = 1 + random.integer(8); left > 0; left -= 1)
    copy[random.integer(kind === 2 ? Math.min(700, bytes.length) : bytes.length)] = random.integer(4) === 0 ? 255 : random.integer(256)
  return copy
}

const fate = async (read: () => Promise<number> | number): Promise<string> => {
  try {
    const size = await read()
    expect(size).toBeLessThanOrEqual(samples)
    return 'read'
  } catch (error) {
    if (!(error instanceof YimengError)) throw error
    expect(error.code).toMatch(/^image-(corrupt|large|kind)$/)
    expect(error.where['file']).toBeDefined()
    return error.code
  }
}

test.each(files)('%s, damaged 100 times: a picture or one fault, none slow', async (name, bytes) => {
  const random = seed('damage').split(name).random()
  const fates = new Map<string, number>()
  let slowest = 0
  for (let turn = 0; turn < 100; turn += 1) {
    const input = damaged(bytes, random)
    const start = performance.now()
    const end = await fate(async () => {
      const picture = await readPicture(input, source(name))
      const { depth, height, width, channels } = picture
      expect(picture.samples.length).toBe(depth * height * width * channels)
      expect(picture.range.every(Number.isFinite)).toBe(true)
      return picture.samples.length
    })
    slowest = Math.max(slowest, performance.now() - start)
    fates.set(end, (fates.get(end) ?? 0) + 1)
  }
  // generous: other tests run beside it
  expect(slowest).toBeLessThan(5000)
  expect(fates.get('image-corrupt') ?? 0).toBeGreaterThan(7)
})

test('arrays and archives, damaged', async () => {
  const random = seed('damage').split('arrays').random()
  for (let turn = 0; turn < 400; turn += 1) {
    const array = bytesOf(golden.arrays[turn % golden.arrays.length]?.file ?? '')
    await fate(() => readNpy(damaged(array, random), source('a.npy')).values.length)
    await fate(() => readIdx(damaged(array, random), source('a.idx')).values.length)
    const archive = bytesOf(golden.archives[turn % 2]?.file ?? '')
    await fate(async () => {
      const opened = readNpz(damaged(archive, random), source('a.npz'))
      let size = 0
      for (const name of opened.names) size += (await opened.array(name)).values.length
      return size
    })
  }
})

/** Bytes held beside the heap at the highest, in steps of the event loop, while something runs. */
const held = async (run: () => Promise<unknown>): Promise<number> => {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }, 1)
  await run()
  clearInterval(watch)
  return Math.max(most, process.memoryUsage().arrayBuffers - before)
}

const chunk = (type: string, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(12 + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, body.length)
  bytes.set(Buffer.from(type, 'latin1'), 4)
  bytes.set(body, 8)
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)))
  return bytes
}

const png = (width: number, height: number, data: Uint8Array): Uint8Array => {
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  head.set([8, 0, 0, 0, 0], 8)
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  return new Uint8Array([...signature, ...chunk('IHDR', head), ...chunk('IDAT', data), ...chunk('IEND', new Uint8Array(0))])
}

const zeros = new Uint8Array(2 ** 28)

test('decompression bombs: refused within a few megabytes', async () => {
  const gzipped = new Uint8Array(gzipSync(zeros))
  const used = await held(async () => {
    // 256 MiB of zeros in a picture of 4 × 4
    await expect(readPicture(png(4, 4, deflateSync(zeros)), source('bomb.png'))).rejects.toMatchObject({ code: 'image-large' })
    await expect(readPicture(png(60_000, 60_000, deflateSync(new Uint8Array(9))), source('wide.png'))).rejects.toMatchObject({
      code: 'image-large',
    })
    await expect(readPicture(gzipped, { file: 'bomb.nii.gz', samples: 2 ** 16, fileBytes: 2 ** 20 })).rejects.toMatchObject({
      code: 'image-large',
    })
  })
  expect(used).toBeLessThan(2 ** 24)
})

test('lying headers: sizes are refused before anything is allocated', async () => {
  const jpeg = bytesOf(golden.jpegs[0]?.file ?? '')
  const frame = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0)
  const huge = jpeg.slice()
  huge.set([0xff, 0xff, 0xff, 0xff], frame + 5)
  await expect(readPicture(huge, source('a.jpg'))).rejects.toMatchObject({ code: 'image-large', where: { file: 'a.jpg' } })
  // a picture wider than its data: the codec fills up or refuses, but never reads beyond
  const tall = jpeg.slice()
  tall.set([0x04, 0x00], frame + 5)
  await fate(async () => (await readPicture(tall, source('tall.jpg'))).samples.length)
  const npy = bytesOf(golden.arrays[2]?.file ?? '')
  const text = Buffer.from(npy).toString('latin1').replace('(3, 4, 5)', '(9, 9999, 9999999)')
  expect(() => readNpy(new Uint8Array(Buffer.from(text, 'latin1')), source('a.npy'))).toThrow(
    /cannot read image: expected .* \(file a\.npy\)/,
  )
  expect(() => readNpy(new Uint8Array([...npy, 0]), source('a.npy'))).toThrow(/bytes of numbers/)
  const [stored = new Uint8Array(0)] = golden.archives.map(({ file }) => bytesOf(file))
  // a deflated entry that holds more than the directory says
  const lying = new Uint8Array(Buffer.concat([Buffer.from(stored.subarray(0, 30)), deflateRawSync(zeros.subarray(0, 2 ** 20))]))
  await fate(async () => readNpz(lying, source('a.npz')).names.length)
})

test('a JPEG of many scans is refused: each costs a pass over the picture', async () => {
  const jpeg = bytesOf(golden.jpegs[1]?.file ?? '')
  const scan = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xda)
  const next = jpeg.findIndex((byte, at) => at > scan && byte === 0xff && ![0, 0xff].includes(jpeg[at + 1] ?? 0))
  const repeated = Array.from({ length: 200 }, () => [...jpeg.subarray(scan, next)]).flat()
  const many = new Uint8Array([...jpeg.subarray(0, scan), ...repeated, ...jpeg.subarray(next)])
  await expect(readPicture(many, source('scans.jpg'))).rejects.toMatchObject({ code: 'image-large' })
})

test('a PNG whose pixels end too early, though its stream is whole', async () => {
  await expect(readPicture(png(4, 4, deflateSync(new Uint8Array(19))), source('short.png'))).rejects.toThrow(
    /expected 20 bytes of scan lines, got 19/,
  )
  expect((await readPicture(png(4, 4, deflateSync(new Uint8Array(20))), source('whole.png'))).samples).toEqual(new Uint8Array(16))
})

test('archives: a changed byte of a stored array does not fit its checksum; a deflated one may not hold more than announced', async () => {
  const [stored = new Uint8Array(0), deflated = new Uint8Array(0)] = golden.archives.map(({ file }) => bytesOf(file))
  const changed = stored.slice()
  // well inside the pixels of the first array
  changed[300] = (changed[300] ?? 0) ^ 1
  await expect(readNpz(changed, source('a.npz')).array('images')).rejects.toThrow(/data that fit their checksum/)
  const lying = deflated.slice()
  const entry = lying.findIndex((byte, at) => byte === 0x50 && lying[at + 1] === 0x4b && lying[at + 2] === 1 && lying[at + 3] === 2)
  // size when decompressed, in the directory
  lying.set([20, 0, 0, 0], entry + 24)
  await expect(readNpz(lying, source('a.npz')).array('images')).rejects.toMatchObject({ code: 'image-large' })
})
