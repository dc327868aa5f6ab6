// A decoded picture or volume, and the faults of files that hold none. Samples are row-major with channels last, `[depth, height, width, channels]`, as every format stores them.
import { YimengError } from '../../base/index.ts'

/** Numbers of a picture as its file holds them; float32 where the file says how to rescale them. */
export type Samples = Uint8Array | Uint16Array | Int8Array | Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array

/** The formats that are read. */
export type PictureFormat = 'png' | 'jpeg' | 'dicom' | 'nifti'

/** A picture (`depth` 1) or a volume. */
export interface Picture {
  readonly format: PictureFormat
  readonly depth: number
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  /** `[depth, height, width, channels]`. */
  readonly samples: Samples
  /** The samples that are black and white: the full scale of 8 and 16 bits, or the window that a scan asks for. The first is the larger where white is low (MONOCHROME1). */
  readonly range: readonly [black: number, white: number]
  /** What the file holds, for people: `grey 8 bit`, `colour 8 bit, palette`. */
  readonly mode: string
  /** Where a slice lies in its scan: mm along the scan's axis, and its number. */
  readonly slice?: { readonly position?: number; readonly number?: number }
  /** Who is shown, as the file names them: never to be printed. */
  readonly patient?: string
}

/** What is too much. A file beyond a limit is refused before anything of its size is allocated. */
export interface PictureLimits {
  /** Bytes of one file. Default 1 GiB. */
  readonly fileBytes?: number
  /** Samples of one picture or volume, over all channels and slices. Default 2^28 (a volume of 512 × 512 × 1024). */
  readonly samples?: number
}

/** Where a picture comes from, and the limits it is read under. */
export interface PictureSource extends PictureLimits {
  /** Name for messages. */
  readonly file: string
  /** Row of the data set, for messages; 0-based. */
  readonly row?: number
}

/** Why a picture cannot be read. `corrupt`: damaged or cut off; `large`: beyond a limit; `kind`: nothing that is read here; `codec`: a package is missing. */
export type PictureFault = 'corrupt' | 'large' | 'kind' | 'codec'

/** The fault of a file: code `image-corrupt`, `image-large`, `image-kind` or `image-codec`, with file and row. */
export const pictureFault = (source: PictureSource, fault: PictureFault, expected: string, got: string, cause?: unknown): YimengError =>
  new YimengError({
    code: `image-${fault}`,
    cannot: 'read image',
    expected,
    got,
    where: { file: source.file, ...(source.row === undefined ? {} : { row: source.row }) },
    ...(cause === undefined ? {} : { cause }),
  })

/** Largest file and largest picture, defaults filled in. */
export const limitsOf = (limits: PictureLimits): Required<PictureLimits> => ({
  fileBytes: limits.fileBytes ?? 2 ** 30,
  samples: limits.samples ?? 2 ** 28,
})

/** Product of lengths that are whole, above 0, and together within the limit; refused otherwise, before anything is allocated. */
export const checkedSize = (source: PictureSource, lengths: readonly number[]): number => {
  const text = lengths.join(' × ')
  if (!lengths.every((length) => Number.isSafeInteger(length) && length > 0)) throw pictureFault(source, 'corrupt', 'lengths above 0', text)
  const size = lengths.reduce((product, length) => product * length, 1)
  const most = limitsOf(source).samples
  if (!(size <= most)) throw pictureFault(source, 'large', `at most ${most} samples`, text)
  return size
}

/** Runs a foreign decoder: whatever it throws becomes `image-corrupt`. */
export const decoding = <T>(source: PictureSource, format: string, decode: () => T): T => {
  try {
    return decode()
  } catch (error) {
    if (error instanceof YimengError) throw error
    throw pictureFault(source, 'corrupt', `a whole ${format} file`, 'a damaged one', error)
  }
}
