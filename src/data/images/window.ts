// Intensity windows: which sample is black, which is white, and everything between on a line.
import type { Samples } from './picture.ts'

/** A window as radiologists name it (centre and width, in the picture's units: HU for CT), or by its ends. */
export type IntensityWindow = { readonly centre: number; readonly width: number } | { readonly low: number; readonly high: number }

/** Ends of a window. Centre and width as in {@link https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_C.11.2.html PS3.3 C.11.2.1.3.2}, LINEAR_EXACT. */
export const windowRange = (window: IntensityWindow): readonly [number, number] =>
  'centre' in window ? [window.centre - window.width / 2, window.centre + window.width / 2] : [window.low, window.high]

/** Smallest and largest finite sample; 0 and 1 when there is none. */
export const extent = (samples: Samples): readonly [number, number] => {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let at = 0; at < samples.length; at += 1) {
    const value = samples[at] ?? 0
    if (value < low && value > Number.NEGATIVE_INFINITY) low = value
    if (value > high && value < Number.POSITIVE_INFINITY) high = value
  }
  return low <= high ? [low, high] : [0, 1]
}

/**
 * Bytes 0 (black) to 255 (white), rounded; what lies beyond is black or white, what is no number is black. Black may be the larger. Equal ends: white from there on.
 *
 * @example
 * ```ts
 * assert.deepEqual([...windowed(Float32Array.of(-200, 0, 40, 80, 900), [0, 80])], [0, 0, 128, 255, 255])
 * ```
 */
export const windowed = (samples: Samples, [black, white]: readonly [number, number]): Uint8Array => {
  if (samples instanceof Uint8Array && black === 0 && white === 255) return samples.slice()
  const bytes = new Uint8Array(samples.length)
  const span = white - black
  for (let at = 0; at < samples.length; at += 1) {
    const value = samples[at] ?? 0
    const share = span === 0 ? (value >= white ? 1 : 0) : (value - black) / span
    bytes[at] = share > 0 ? Math.round(255 * Math.min(1, share)) : 0
  }
  return bytes
}
