// Palette colours of DICOM (PS3.3, C.7.6.3.1.5 and .6): a look-up table for red, green and blue each, as ultrasound and nuclear medicine have them.
import type { DataSet } from 'dicom-parser'
import { checkedSize, type PictureSource, pictureFault, type Samples } from './picture.ts'

interface Table {
  readonly first: number
  readonly entries: Uint8Array
}

/** Descriptor: number of entries (0: 65,536), first stored value, bits of an entry. Entries of 16 bits keep their upper byte. */
const tableOf = (dataSet: DataSet, channel: number, source: PictureSource): Table => {
  const [descriptor, name] = [`x0028110${1 + channel}`, `x0028120${1 + channel}`]
  const data = dataSet.elements[name]
  const [given, first, bits] = [0, 1, 2].map((index) => dataSet.uint16(descriptor, index))
  if (data === undefined || given === undefined || first === undefined || (bits !== 8 && bits !== 16))
    throw pictureFault(source, 'kind', 'palettes of 8 or 16 bits', 'none, or segmented ones')
  const count = given === 0 ? 65_536 : given
  // some writers keep 8-bit entries in words of 16 bits
  const wide = bits === 16 || data.length >= 2 * count
  if (data.length < (wide ? 2 * count : count)) throw pictureFault(source, 'corrupt', `${count} colours`, `${data.length} bytes`)
  const entries = Uint8Array.from({ length: count }, (_, at) =>
    wide ? (dataSet.uint16(name, at) ?? 0) >> (bits === 16 ? 8 : 0) : (dataSet.byteArray[data.dataOffset + at] ?? 0),
  )
  return { first, entries }
}

/**
 * Stored values `[frames, height, width]` as colours `[frames, height, width, 3]`; values outside a table take its nearest end.
 *
 * @throws YimengError `image-kind` for segmented palettes, `image-corrupt` for short ones
 */
export const paletteColours = (dataSet: DataSet, stored: Samples, source: PictureSource): Uint8Array => {
  const tables = [0, 1, 2].map((channel) => tableOf(dataSet, channel, source))
  const samples = new Uint8Array(checkedSize(source, [stored.length, 3]))
  for (const [channel, { first, entries }] of tables.entries())
    for (let at = 0; at < stored.length; at += 1)
      samples[3 * at + channel] = entries[Math.max(0, Math.min(entries.length - 1, (stored[at] ?? 0) - first))] ?? 0
  return samples
}
