// The same conversation without bytes: what a program will send, counted beforehand. The cost engine writes here what the real engine sends, message for message.
import type { Party } from './party.ts'
import { MESSAGE_HEADER_BYTES, type WireTraffic } from './wire.ts'

/** Counts messages of both sides. */
export interface TrafficCount {
  /** One message of `bytes` payload bytes. */
  readonly message: (from: Party, bytes: number) => void
  /** Both sides send at once, the guest `guestBytes`, the host `hostBytes`. */
  readonly exchange: (guestBytes: number, hostBytes?: number) => void
  /** Both sides send several messages of these sizes before they receive. */
  readonly together: (sizes: readonly number[]) => void
  readonly of: (party: Party) => WireTraffic
}

/** A fresh count. */
export const trafficCount = (): TrafficCount => {
  const sent = { guest: 0, host: 0 }
  const depth = { guest: 0, host: 0 }
  const both = (guestBytes: number, hostBytes: number, messages: number): void => {
    sent.guest += guestBytes + messages * MESSAGE_HEADER_BYTES
    sent.host += hostBytes + messages * MESSAGE_HEADER_BYTES
    const { guest, host } = depth
    depth.guest = Math.max(guest, host + 1)
    depth.host = Math.max(host, guest + 1)
  }
  return {
    message: (from, bytes) => {
      sent[from] += bytes + MESSAGE_HEADER_BYTES
      if (from === 'guest') depth.host = Math.max(depth.host, depth.guest + 1)
      else depth.guest = Math.max(depth.guest, depth.host + 1)
    },
    exchange: (guestBytes, hostBytes = guestBytes) => both(guestBytes, hostBytes, 1),
    together: (sizes) => {
      const bytes = sizes.reduce((sum, size) => sum + size, 0)
      if (sizes.length > 0) both(bytes, bytes, sizes.length)
    },
    of: (party) => ({ sent: sent[party], received: sent[party === 'guest' ? 'host' : 'guest'], rounds: depth[party] }),
  }
}
