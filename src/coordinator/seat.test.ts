// A site's seat where its line falls silent and comes back: what the node was told meanwhile, and what it was not.
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { CONTROL_STREAM, multiplexed, nodeControl, type Order, resumableEnd, type ServedLink } from '../runtime/index.ts'
import { seat } from './seat.ts'

const nothingLarge = (): Promise<never> => Promise.reject(new Error('a large frame'))

/** A node's end of a link, whose line carries what is there when it is told to. */
const nodeOn = (link: ServedLink) => {
  const end = resumableEnd()
  const gone = new AbortController().signal
  return {
    channel: end.channel,
    carry: async (): Promise<void> => {
      const at = link.received()
      await link.up({ at, body: Readable.from(end.read(at, 2 ** 20)), gone })
      if (link.end.written() <= end.received()) return
      for (const piece of await link.down({ at: end.received(), gone })) end.take(end.received(), piece)
    },
  }
}

test('how an attempt ended reaches a node whose line was silent then; nothing is begun with it meanwhile', async () => {
  const lostMs = 60
  let admitted: () => void = () => undefined
  const here = new Promise<void>((resolve) => (admitted = resolve))
  const place = seat({
    site: 'a',
    admission: { run: 'r', specHash: 's', last: async () => [] },
    bulk: {
      road: () => ({ give: nothingLarge, take: nothingLarge, close: () => undefined }),
      traffic: () => ({ sent: 0, received: 0 }),
    },
    between: async () => undefined,
    signal: new AbortController().signal,
    admitted: () => admitted(),
    refused: (cause) => expect.unreachable(cause),
    flawed: (fault) => expect.unreachable(fault.message),
    lostMs,
  })
  const node = nodeOn(place.join())
  const control = nodeControl(multiplexed(node.channel).stream(CONTROL_STREAM))
  await control.send({ kind: 'hello', site: 'a', run: 'r', specHash: 's', trainRows: 1, testRows: 1 })
  await node.carry()
  await here
  await node.carry()
  expect((await control.receive()).kind).toBe('welcome')
  expect(place.connected()).toBe(true)
  await sleep(2 * lostMs)
  expect(place.standing()).toBe('away')
  const at = { stage: 'analyse', round: 0, attempt: 1 }
  const commit: Order = { kind: 'commit', ...at, counted: true }
  await expect(place.member.control.send({ kind: 'begin', ...at, stream: 1 })).rejects.toMatchObject({ code: 'channel-closed' })
  await place.member.control.send(commit)
  await node.carry()
  expect(await control.receive()).toEqual(commit)
  expect(place.connected()).toBe(true)
  await place.close()
})
