// Long lists of points and tags in batches, so that both sides work at once: what one sends, the other already uses. Adversary and leakage: those of the protocol that uses it.
import type { Csprng } from '../../base/index.ts'
import type { Session } from '../session.ts'

/** Points per message. */
export const BATCH = 2048

/** A secret order of `count` places. */
export const shuffled = (count: number, rng: Csprng): Uint32Array => {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(i + 1)
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
  return order
}

/** Payload bytes of each message of a list. */
export const batchBytes = (count: number, width: number): readonly number[] =>
  Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => Math.min(BATCH, count - i * BATCH) * width)

/** Elements `from` … `from + n` of a list, one after the other. */
export type MakeBatch = (from: number, n: number) => Uint8Array

/** A batch of elements of `width` bytes, made one by one. */
export const oneByOne =
  (width: number, make: (i: number) => Uint8Array): MakeBatch =>
  (from, n) => {
    const batch = new Uint8Array(n * width)
    for (let i = 0; i < n; i++) batch.set(make(from + i), i * width)
    return batch
  }

/** Sends `count` elements in batches; the peer gets each as soon as it is ready. None needs anything that arrives meanwhile. */
export const stream = async ({ wire }: Session, label: string, count: number, make: MakeBatch): Promise<void> => {
  const since = wire.traffic().rounds
  for (let start = 0; start < count; start += BATCH) {
    wire.send(label, make(start, Math.min(BATCH, count - start)), since)
    // lets the socket write and the peer start
    await wire.flush()
  }
}

/** Receives what {@link stream} sends, elements of `width` bytes; `change` does something to a whole batch before its elements are used one by one. */
export const gather = async (
  session: Session,
  label: string,
  count: number,
  width: number,
  use: (bytes: Uint8Array, i: number) => void,
  change: (batch: Uint8Array) => Uint8Array = (batch) => batch,
): Promise<void> => {
  for (let start = 0; start < count; start += BATCH) {
    const n = Math.min(BATCH, count - start)
    const batch = change(await session.wire.receive(label, n * width))
    for (let i = 0; i < n; i++) use(batch.subarray(i * width, (i + 1) * width), start + i)
  }
}
