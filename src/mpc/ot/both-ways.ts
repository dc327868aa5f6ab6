// Transfers in both directions at once, in steps: each party sends the columns of the next step before it works on the peer's, so that neither waits for the other's work.
// Adversary and leakage: those of the extension.
import type { Session, SessionTraffic } from '../session.ts'
import type { TrafficCount } from '../traffic.ts'
import { discard } from '../memory.ts'
import type { OtReceiver, OtSender } from './extension.ts'

/** One party's work on step `index` of `count` transfers. */
export interface BothWays<Kept> {
  readonly label: string
  /** My columns as receiver, and what I keep for {@link BothWays.finish}. */
  readonly ask: (receiver: OtReceiver, index: number, count: number) => { readonly columns: Uint8Array; readonly result: Kept }
  /** My corrections as sender, from the peer's columns; undefined where there are none. */
  readonly answer: (sender: OtSender, index: number, count: number, columns: Uint8Array) => Uint8Array | undefined
  /** The peer's corrections have arrived. */
  readonly finish: (index: number, count: number, kept: Kept, corrections: Uint8Array | undefined) => void
}

/** Runs steps of these numbers of transfers. */
export const runBothWays = async <Kept>(
  session: Session,
  counts: readonly number[],
  { label, ask, answer, finish }: BothWays<Kept>,
): Promise<void> => {
  const [first] = counts
  if (first === undefined) return
  const { wire } = session
  const { sender, receiver } = await session.both()
  const send = (index: number, count: number): Kept => {
    const { columns, result } = ask(receiver, index, count)
    wire.send(`${label} columns`, columns)
    discard(columns)
    return result
  }
  let kept = send(0, first)
  let theirs = await wire.receive(`${label} columns`, session.columnBytes(first))
  for (const [index, count] of counts.entries()) {
    const next = counts[index + 1]
    const nextKept = next === undefined ? undefined : { kept: send(index + 1, next) }
    const mine = answer(sender, index, count, theirs)
    discard(theirs)
    if (mine !== undefined) wire.send(`${label} corrections`, mine)
    if (next !== undefined) theirs = await wire.receive(`${label} columns`, session.columnBytes(next))
    const corrections = mine === undefined ? undefined : await wire.receive(`${label} corrections`, mine.length)
    finish(index, count, kept, corrections)
    for (const done of [mine, corrections]) if (done !== undefined) discard(done)
    if (nextKept !== undefined) kept = nextKept.kept
  }
}

/** What {@link runBothWays} sends, with corrections of `correctionBytes` per transfer. */
export const bothWaysTraffic = (
  traffic: TrafficCount,
  session: SessionTraffic,
  counts: readonly number[],
  correctionBytes: number,
): void => {
  const [first] = counts
  if (first === undefined) return
  session.need('both')
  traffic.exchange(session.columnBytes(first))
  for (const [index, count] of counts.entries()) {
    const next = counts[index + 1]
    traffic.together([
      ...(next === undefined ? [] : [session.columnBytes(next)]),
      ...(correctionBytes === 0 ? [] : [count * correctionBytes]),
    ])
  }
}
