// A site's place in a run, as the run loop sees it: a member that stays the same while the node behind it comes and goes.
import { memoryChannels, type Traffic, YimengError } from '../base/index.ts'
import { type Admission, admit, BULK_BYTES, bulkChannel, type Member, type ServedLink, servedLink } from '../runtime/index.ts'
import type { SiteBulk } from './blob-routes.ts'

/** A node without an open poll for longer is not waited for in new rounds; its link may still come back. */
const LOST_MS = 5_000

/** Frames of {@link BULK_BYTES} and more come as blobs: with their heads, no other is larger than this. */
const LARGEST_FRAME_BYTES = BULK_BYTES + 2 ** 16
/** What a node may have sent ahead of a round that takes it: some frames of each step. More is a flood, and ends its link. */
const MOST_WAITING_BYTES = 32 * BULK_BYTES

/** What a seat needs of its run. */
export interface SeatOptions {
  readonly site: string
  readonly admission: Admission
  /** How its large frames travel. */
  readonly bulk: SiteBulk
  /** Resolves when no attempt is under way in which the site takes part: how that ends decides what the node must be told. */
  readonly between: () => Promise<void>
  readonly signal: AbortSignal
  /** The node has been admitted. */
  readonly admitted: (member: Member) => void
  /** It was not. */
  readonly refused: (cause: string) => void
  /** Its node sent what no node sends: for the audit log. */
  readonly flawed: (fault: YimengError) => void
  /** Silence after which it counts as away. Default: five seconds. */
  readonly lostMs?: number
}

/** A seat. */
export interface Seat {
  readonly site: string
  readonly member: Member
  /** A fresh link for the site's node; an older one is closed, and with it the site's part in the current attempt. */
  readonly join: () => ServedLink
  readonly connected: () => boolean
  /** `joining`: its node is being admitted for the first time; `away`: it was admitted before, and is not connected. Undefined: it has not come yet. */
  readonly standing: () => 'joining' | 'connected' | 'away' | undefined
  readonly close: () => Promise<void>
}

const away = (): YimengError =>
  new YimengError({ code: 'channel-closed', cannot: 'send frame', expected: 'a node that is connected', got: 'none' })

/** A seat without a node. */
export const seat = ({ site, admission, bulk, between, signal, admitted, refused, flawed, lostMs = LOST_MS }: SeatOptions): Seat => {
  let link: ServedLink | undefined
  let connection: Member | undefined
  let before: Traffic = { sent: 0, received: 0 }
  let wasAdmitted = false

  const leave = async (): Promise<void> => {
    const [left, leftLink] = [connection, link]
    connection = undefined
    link = undefined
    if (left !== undefined) {
      const { sent, received } = left.traffic()
      before = { sent: before.sent + sent, received: before.received + received }
      await left.close()
    } else await leftLink?.channel.close()
  }
  const enter = async (mine: ServedLink): Promise<void> => {
    await between()
    if (link !== mine) return
    const member = await admit(mine.channel, admission, signal, { mostWaiting: MOST_WAITING_BYTES, flawed })
    if (link !== mine) return member.close()
    if (member.id !== site) {
      await leave()
      throw new YimengError({
        code: 'member-refused',
        cannot: 'admit node',
        expected: `site ${site}`,
        got: 'another name',
        where: { site },
      })
    }
    connection = member
    wasAdmitted = true
    admitted(member)
  }
  const standing = (): boolean => connection !== undefined && link !== undefined && !link.end.over()
  const connected = (): boolean => standing() && (link?.silentMs() ?? lostMs) < lostMs

  return {
    site,
    connected,
    standing: () => (connected() ? 'connected' : wasAdmitted ? 'away' : link === undefined ? undefined : 'joining'),
    join: () => {
      void leave()
      const mine = servedLink(LARGEST_FRAME_BYTES)
      link = mine
      enter(mine).catch((error: unknown) => {
        void mine.channel.close()
        if (signal.aborted) return
        refused(error instanceof YimengError ? error.message : 'a fault')
        if (error instanceof YimengError && error.code !== 'channel-closed') flawed(error)
      })
      return mine
    },
    close: leave,
    member: {
      id: site,
      get trainRows() {
        return connection?.trainRows ?? 0
      },
      get testRows() {
        return connection?.testRows ?? 0
      },
      freshStream: () => {
        if (connection !== undefined && connected()) {
          const { stream, channel } = connection.freshStream()
          return { stream, channel: bulkChannel(channel, bulk.road()) }
        }
        const [channel] = memoryChannels()
        void channel.close()
        return { stream: 0, channel }
      },
      close: leave,
      control: {
        // nothing is begun with a node that is silent; but how an attempt ended waits in its link for it, since nobody tells it again when the line comes back
        send: (order) => {
          const reached = order.kind === 'begin' ? connected() : standing()
          return reached && connection !== undefined ? connection.control.send(order) : Promise.reject(away())
        },
        receive: (waiting) => (connection === undefined ? Promise.reject(away()) : connection.control.receive(waiting)),
      },
      traffic: () => {
        const [now, large] = [connection?.traffic() ?? { sent: 0, received: 0 }, bulk.traffic()]
        return { sent: before.sent + now.sent + large.sent, received: before.received + now.received + large.received }
      },
    },
  }
}
