// Pictures of one's own, from a folder to a prediction: init, run, predict, evaluate and export through the command itself.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { place } from './command.suite.ts'

const { folder, json, run, has } = place()
const SIDE = 16

const big = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i)
  return bytes
}

/** A grey PNG of 8 bits (RFC 2083). */
const png = (pixels: Uint8Array): Buffer => {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    return Buffer.concat([big(data.length), body, big(crc32(body))])
  }
  const lines = Array.from({ length: SIDE }, (_, y) => Buffer.concat([Buffer.of(0), pixels.subarray(y * SIDE, (y + 1) * SIDE)]))
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', Buffer.concat([big(SIDE, SIDE), Buffer.of(8, 0, 0, 0, 0)])),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Bars of two pixels, upright or lying, at a place of their own. */
const bars = (upright: boolean, k: number): Uint8Array =>
  Uint8Array.from({ length: SIDE * SIDE }, (_, at) => ((((upright ? at % SIDE : Math.floor(at / SIDE)) + k) >> 1) % 2 === 0 ? 220 : 20 + k))

const write = (path: string, content: Uint8Array): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

/** A NumPy array of bytes (format version 1.0). */
const npy = (values: Uint8Array, shape: readonly number[]): Buffer => {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`
  const padded = `${header.padEnd(117)}\n`
  const length = Buffer.alloc(2)
  length.writeUInt16LE(padded.length)
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(padded, 'latin1'), values])
}

/** A zip file whose entries are stored. */
const zip = (files: Readonly<Record<string, Buffer>>): Buffer => {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const fixed = Buffer.alloc(22)
    fixed.writeUInt16LE(20, 0)
    fixed.writeUInt32LE(crc32(content), 10)
    fixed.writeUInt32LE(content.length, 14)
    fixed.writeUInt32LE(content.length, 18)
    const lengths = Buffer.alloc(4)
    lengths.writeUInt16LE(name.length, 0)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fixed, lengths, Buffer.from(name), content])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fixed, lengths, rest, Buffer.from(name)]))
    parts.push(local)
    offset += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(directory.length, 4)
  end.writeUInt16LE(directory.length, 6)
  end.writeUInt32LE(entries.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, entries, Buffer.from('PK\x05\x06', 'latin1'), end])
}

const kinds = { lying: false, upright: true } as const
const quick = ['--set', 'rounds=12', '--set', 'local.optimiser.learningRate=0.01', '--set', 'split.seed=1', '--quiet']

test('a folder of pictures: init writes what run takes; the model classifies new pictures and can be exported', async () => {
  for (const site of ['north', 'south'])
    for (const [name, upright] of Object.entries(kinds))
      for (let k = 0; k < 10; k += 1) write(`scans/${site}/${name}/${k}.png`, png(bars(upright, k)))
  write('scans/north/upright/damaged.png', png(bars(true, 1)).subarray(0, 60))
  const found = await json('init', '--images', 'scans', '--out', 'scans.yaml')
  expect(found).toMatchObject({
    rows: 40,
    classes: { lying: 20, upright: 20 },
    sites: { north: 20, south: 20 },
    corrupt: 1,
    spec: { task: { images: { folder: 'scans', shape: [1, SIDE, SIDE], corrupt: 'skip' } }, partition: { kind: 'natural' } },
  })
  const trained = await json('run', 'scans.yaml', ...quick)
  expect(trained).toMatchObject({
    task: 'scans',
    metrics: { accuracy: 1 },
    skipped: [{ file: 'north/upright/damaged.png', code: 'image-corrupt' }],
  })

  write('new/a.png', png(bars(true, 11)))
  write('new/b.png', png(bars(false, 11)))
  const predicted = await json('predict', 'last', 'new/a.png', 'new/b.png')
  expect(predicted).toMatchObject({ files: ['new/a.png', 'new/b.png'], predictions: [{ label: 'upright' }, { label: 'lying' }] })
  const { stdout } = await run('predict', 'last', 'new/a.png')
  expect(stdout.split('\r\n')[0]).toBe('file,label,p_lying,p_upright')

  expect((await run('export', 'last', '--onnx', 'scans.onnx', '--safetensors', 'scans.safetensors')).code).toBe(0)
  expect([has('scans.onnx'), has('scans.safetensors')]).toEqual([true, true])
  const damaged = await run('predict', 'scans.safetensors', 'scans/north/upright/damaged.png')
  expect(damaged.code).toBe(1)
  expect(damaged.stderr).toContain('damaged.png')
}, 60_000)

test('a NumPy file: init, run, and evaluate on it', async () => {
  const count = 40
  const images = new Uint8Array(count * SIDE * SIDE)
  const labels = Uint8Array.from({ length: count }, (_, row) => row % 2)
  for (let row = 0; row < count; row += 1) images.set(bars(row % 2 === 1, row), row * SIDE * SIDE)
  write('bars.npz', zip({ 'images.npy': npy(images, [count, SIDE, SIDE]), 'labels.npy': npy(labels, [count]) }))
  expect(await json('init', '--npz', 'bars.npz')).toMatchObject({ out: 'bars.yimeng.yaml', rows: count, classes: { 0: 20, 1: 20 } })
  expect(await json('run', 'bars.yimeng.yaml', ...quick)).toMatchObject({ task: 'bars' })
  expect(await json('evaluate', 'last', '--data', 'bars.npz')).toMatchObject({ rows: count, metrics: { accuracy: expect.any(Number) } })
  const wrong = await run('predict', 'last', 'bars.yimeng.yaml')
  expect(wrong.stderr).toContain('cannot read image')
  expect((await run('init', '--images', 'nowhere')).stderr).toContain('nowhere')
}, 60_000)
