import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { pngUri } from './png.ts'

test('a picture is a PNG: signature, size, one unfiltered line after the other', () => {
  const uri = pngUri(Uint8Array.of(1, 2, 3, 4, 5, 6), { width: 2, height: 1, channels: 3 })
  const file = Buffer.from(uri.slice('data:image/png;base64,'.length), 'base64')
  expect([...file.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10])
  expect([file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25]]).toEqual([2, 1, 8, 2])
  const at = file.indexOf('IDAT')
  expect([...inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)))]).toEqual([0, 1, 2, 3, 4, 5, 6])
})
