// The size marker of a JPEG 2000 codestream (ITU-T T.800, annex A.5.1), read before the codec sees it.
import type { JpegHeader } from './jpeg.ts'
import { checkedSize, type PictureSource, pictureFault } from './picture.ts'

/**
 * Reads SIZ, the first marker after the start of the codestream.
 *
 * @throws YimengError `image-corrupt`, `image-large` for too many samples or tiles
 */
export const jpeg2000Header = (bytes: Uint8Array, source: PictureSource): JpegHeader => {
  if (bytes.length < 42 || bytes[0] !== 0xff || bytes[1] !== 0x4f || bytes[2] !== 0xff || bytes[3] !== 0x51)
    throw pictureFault(source, 'corrupt', 'a JPEG 2000 codestream', 'another beginning')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = (index: number) => view.getUint32(8 + 4 * index)
  const [width, height] = [at(0) - at(2), at(1) - at(3)]
  const channels = view.getUint16(40)
  const [tileWidth, tileHeight] = [at(4), at(5)]
  checkedSize(source, [height, width, channels])
  if (tileWidth === 0 || tileHeight === 0) throw pictureFault(source, 'corrupt', 'tiles with an area', 'none')
  const tiles = Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight)
  if (tiles > 4096) throw pictureFault(source, 'large', 'at most 4096 tiles', String(tiles))
  return { width, height, channels, bits: ((bytes[42] ?? 0) & 0x7f) + 1, process: 0x4f }
}
