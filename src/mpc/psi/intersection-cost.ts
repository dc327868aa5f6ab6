// What an intersection sends, counted beforehand, to the byte and the round.
import { POINT_BYTES } from '../../crypto/index.ts'
import { sessionTraffic } from '../session.ts'
import { trafficCount } from '../traffic.ts'
import type { WireTraffic } from '../wire.ts'
import { type IntersectionMode, TAG_BYTES } from './intersection.ts'
import { batchBytes } from './streams.ts'

/** Numbers of different items; `common` matters in mode `both` only. */
export interface IntersectionSizes {
  readonly guest: number
  readonly host: number
  readonly common?: number
}

/** What both parties send and receive, headers included and before TLS. */
export const intersectionCost = (
  { learns, payloadBytes = 0 }: IntersectionMode,
  { guest, host, common = 0 }: IntersectionSizes,
): { readonly guest: WireTraffic; readonly host: WireTraffic } => {
  const traffic = trafficCount()
  const list = (from: 'guest' | 'host', count: number, width: number): void => {
    for (const bytes of batchBytes(count, width)) traffic.message(from, bytes)
  }
  // the greeting, numbers of items
  sessionTraffic(traffic)
  traffic.exchange(4)
  list('guest', guest, POINT_BYTES)
  if (learns === 'size') {
    list('host', host, POINT_BYTES)
    list('host', guest, POINT_BYTES)
  } else {
    list('host', guest, POINT_BYTES)
    list('host', host, TAG_BYTES + payloadBytes)
    if (learns === 'both') {
      traffic.message('guest', 4)
      list('guest', common, TAG_BYTES)
    }
  }
  traffic.exchange(0)
  return { guest: traffic.of('guest'), host: traffic.of('host') }
}
