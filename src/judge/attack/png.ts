// Small pictures for a page: PNG (ISO/IEC 15948), eight bits of grey or colour, as data URIs.
import { crc32, deflateSync } from 'node:zlib'

const chunk = (name: string, body: Uint8Array): Buffer => {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

/** Bytes `[height, width, channels]`, 1 or 3 channels, as a PNG in a data URI. */
export const pngUri = (
  pixels: Uint8Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: 1 | 3 },
): string => {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  // bits a channel; grey or colour; the rest is 0: deflate, its one filter method, no interlace
  head.set([8, channels === 1 ? 0 : 2], 8)
  const line = width * channels
  // each line begins with its filter: none
  const lines = Buffer.alloc((line + 1) * height)
  for (let y = 0; y < height; y += 1) lines.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1)
  const file = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ])
  return `data:image/png;base64,${file.toString('base64')}`
}
