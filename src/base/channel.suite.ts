// What every transport must do, for whoever writes one: `channelConformance('tls', async () => ({ ends: await connectedPair(), dispose }))`.
import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { Channel } from './channel.ts'
import { YimengError } from './errors.ts'
import { type Law, registerLaws } from './law.suite.ts'

/** A connected pair to test on, and how to clear it away. */
export interface ChannelPair {
  readonly ends: readonly [Channel, Channel]
  readonly dispose?: () => Promise<void>
}

const codeOf = async (outcome: Promise<unknown>): Promise<string> => {
  try {
    await outcome
    return 'none'
  } catch (error) {
    return error instanceof YimengError ? error.code : String(error)
  }
}

/** What every channel does. `largest` is the biggest frame it must carry, in bytes. */
export const lawsOfChannel = (connect: () => Promise<ChannelPair>, largest = 1_000_000): readonly Law[] => {
  const laws: Law[] = []
  const law = (name: string, check: () => Promise<void>): void => void laws.push({ name, check })
  const on = async (act: (a: Channel, b: Channel) => Promise<void>): Promise<void> => {
    const { ends, dispose } = await connect()
    try {
      await act(ends[0], ends[1])
    } finally {
      await Promise.all(ends.map((end) => end.close().catch(() => undefined)))
      await dispose?.()
    }
  }

  law('frames arrive whole, in order, both ways at once, of any size from nothing', () =>
    on(async (a, b) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
          fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
          async (there, back) => {
            const sending = Promise.all([...there.map((frame) => a.send(frame)), ...back.map((frame) => b.send(frame))])
            for (const frame of there) expect(new Uint8Array(await b.receive())).toEqual(frame)
            for (const frame of back) expect(new Uint8Array(await a.receive())).toEqual(frame)
            await sending
          },
        ),
        { numRuns: 30 },
      )
    }),
  )

  law('a large frame arrives whole', () =>
    on(async (a, b) => {
      const frame = Uint8Array.from({ length: largest }, (_, i) => (i * 31 + (i >>> 8)) & 0xff)
      const sending = a.send(frame)
      const received = await b.receive()
      await sending
      expect(Buffer.compare(frame, received)).toBe(0)
    }),
  )

  law('bytes travel, not references', () =>
    on(async (a, b) => {
      const frame = Uint8Array.of(1, 2, 3)
      const sending = a.send(frame)
      frame.fill(9)
      await sending
      const received = await b.receive()
      expect(new Uint8Array(received)).toEqual(Uint8Array.of(1, 2, 3))
      received.fill(7)
      expect(frame).toEqual(Uint8Array.of(9, 9, 9))
    }),
  )

  law('receivers that wait are served in order, a whole frame each', () =>
    on(async (a, b) => {
      const waiting = [b.receive(), b.receive(), b.receive()]
      const lengths = [300, 1, 299]
      for (const length of lengths) await a.send(new Uint8Array(length).fill(length & 0xff))
      const received = await Promise.all(waiting)
      expect(received.map((frame) => [frame.length, frame[0], frame.at(-1)])).toEqual(
        lengths.map((length) => [length, length & 0xff, length & 0xff]),
      )
    }),
  )

  law('an aborted receive rejects with the reason of its signal and loses no frame', () =>
    on(async (a, b) => {
      const stop = new AbortController()
      const aborted = b.receive(stop.signal)
      const next = b.receive()
      next.catch(() => undefined) // where this law is broken, nobody waits for it any more
      const reason = new Error('deadline')
      stop.abort(reason)
      await expect(aborted).rejects.toBe(reason)
      await expect(b.receive(AbortSignal.abort(reason))).rejects.toBe(reason)
      await a.send(Uint8Array.of(5))
      expect((await next)[0]).toBe(5)
      // a signal that aborts after its receive is done changes nothing
      const late = new AbortController()
      await a.send(Uint8Array.of(6))
      expect((await b.receive(late.signal))[0]).toBe(6)
      late.abort()
      await a.send(Uint8Array.of(7))
      expect((await b.receive())[0]).toBe(7)
    }),
  )

  law('after close the peer gets what was sent before, then a refusal', () =>
    on(async (a, b) => {
      await a.send(Uint8Array.of(1))
      await a.send(Uint8Array.of(2))
      await a.close()
      expect((await b.receive())[0]).toBe(1)
      expect((await b.receive())[0]).toBe(2)
      expect(await codeOf(b.receive())).toBe('channel-closed')
    }),
  )

  law('a closed end gives no frames, not even those that had come', () =>
    on(async (a, b) => {
      await a.send(Uint8Array.of(1))
      await a.send(Uint8Array.of(2))
      expect((await b.receive())[0]).toBe(1)
      await b.close()
      expect(await codeOf(b.receive())).toBe('channel-closed')
    }),
  )

  law('close rejects whoever waits, at both ends, and may be called twice', () =>
    on(async (a, b) => {
      const waiting = [codeOf(a.receive()), codeOf(b.receive()), codeOf(b.receive())]
      await a.close()
      await a.close()
      expect(await Promise.all(waiting)).toEqual(['channel-closed', 'channel-closed', 'channel-closed'])
      expect(await codeOf(a.send(Uint8Array.of(1)))).toBe('channel-closed')
      expect(await codeOf(a.receive())).toBe('channel-closed')
      await b.close()
      expect(await codeOf(b.send(Uint8Array.of(1)))).toBe('channel-closed')
    }),
  )
  return laws
}

/** Registers {@link lawsOfChannel} as tests. */
export const channelConformance = (name: string, connect: () => Promise<ChannelPair>, largest?: number): void =>
  registerLaws(`channel conformance: ${name}`, lawsOfChannel(connect, largest))
