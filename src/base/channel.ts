// A two-way stream of frames between two parties.

/**
 * An ordered, reliable, two-way stream of frames. A channel that failed is closed and never used again.
 * `receive` rejects when the peer closed, and with the signal's reason when `signal` aborts.
 */
export interface Channel {
  readonly send: (frame: Uint8Array) => Promise<void>
  readonly receive: (signal?: AbortSignal) => Promise<Uint8Array>
  readonly close: () => Promise<void>
}

/** Bytes that a channel has carried so far, frame headers included. */
export interface Traffic {
  readonly sent: number
  readonly received: number
}
