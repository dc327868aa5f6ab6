// Bytes under their own hash.
import { YimengError } from '../../base/index.ts'

/** Bytes under their SHA-256, hex. */
export interface BlobStore {
  /** Keeps bytes, whole or not at all, and tells their hash. The same bytes twice are one blob. */
  readonly put: (bytes: Uint8Array) => Promise<string>
  /** Rejects with YimengError `blob-lost` when there is none, or other bytes. */
  readonly get: (hash: string) => Promise<Uint8Array>
  /** Forgets; nothing when there is none. */
  readonly remove: (hash: string) => Promise<void>
}

/** A blob that should be there. */
export const lostBlob = (hash: string, got: string, cause?: unknown): YimengError =>
  new YimengError({
    code: 'blob-lost',
    cannot: 'read blob',
    expected: 'the bytes that were kept',
    got,
    where: { blob: hash.slice(0, 12) },
    cause,
  })
