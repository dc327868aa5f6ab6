// Memory that large frames arrive in, used again and again: fresh memory costs many times the copy that fills it (a page fault for each 4 KiB), and the collector gives it back late.

/** Nobody needs it for so long: given back. */
const IDLE_MS = 30_000

/** Lends one frame at a time. */
export interface Scratch {
  /** Memory for a frame, with whatever was in it. The frame that was lent before is detached: a late look at it meets no bytes, rather than others. */
  readonly lend: (bytes: number) => Uint8Array<ArrayBuffer>
  /** What was lent is used no more, though it may come to be soon. */
  readonly rest: () => void
  readonly drop: () => void
}

/** Scratch memory, empty at first. */
export const scratch = (): Scratch => {
  let memory = new ArrayBuffer(0)
  let idle: NodeJS.Timeout | undefined
  const drop = (): void => {
    clearTimeout(idle)
    memory.transfer(0)
    memory = new ArrayBuffer(0)
  }
  return {
    lend: (bytes) => {
      clearTimeout(idle)
      // a transfer of the same length moves the memory and copies nothing
      const moved = memory.transfer()
      memory = moved.byteLength < bytes ? new ArrayBuffer(bytes) : moved
      return new Uint8Array(memory, 0, bytes)
    },
    rest: () => {
      clearTimeout(idle)
      idle = setTimeout(drop, IDLE_MS)
      idle.unref()
    },
    drop,
  }
}
