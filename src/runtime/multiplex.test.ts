import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryChannels } from '../base/index.ts'
import { multiplexed } from './index.ts'

const pair = () => {
  const [a, b] = memoryChannels()
  return [multiplexed(a), multiplexed(b), a] as const
}
const bytes = (...values: number[]) => Uint8Array.from(values)

test('frames keep their stream and their order, however streams are mixed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 9 })), { maxLength: 40 }),
      async (sent) => {
        const [here, there] = pair()
        const [out, into] = [here, there].map((side) => Array.from({ length: 5 }, (_, id) => side.stream(id)))
        for (const [id, frame] of sent) await out?.[id]?.send(frame)
        for (const [id, frame] of sent) expect(await into?.[id]?.receive()).toEqual(frame)
        await here.close()
      },
    ),
    { numRuns: 50 },
  )
})

test('frames wait for a stream that this side has not opened yet', async () => {
  const [here, there] = pair()
  await here.stream(3).send(bytes(1))
  await Promise.resolve()
  expect(await there.stream(3).receive()).toEqual(bytes(1))
})

test('late frames of a closed stream meet nobody, and no number is taken twice', async () => {
  const [here, there] = pair()
  const [early, late] = [here.stream(1), here.stream(2)]
  const closed = there.stream(1)
  await closed.close()
  await early.send(bytes(1))
  await late.send(bytes(2))
  expect(await there.stream(2).receive()).toEqual(bytes(2))
  expect(() => there.stream(1)).toThrow('expected a fresh number, got 1')
  await expect(closed.send(bytes(3))).rejects.toMatchObject({ code: 'channel-closed' })
})

test('the end of the channel is the end of all streams', async () => {
  const [here, there] = pair()
  const waiting = there.stream(1).receive()
  await here.close()
  await expect(waiting).rejects.toMatchObject({ code: 'channel-closed' })
  await expect(there.stream(2).receive()).rejects.toMatchObject({ code: 'channel-closed' })
})

test('a peer that opens streams without end, or sends no stream number, is cut off', async () => {
  const [flooding, there] = pair()
  for (let id = 1; id <= 17; id += 1) await flooding.stream(id).send(bytes(0))
  await expect(there.stream(20).receive()).rejects.toMatchObject({ code: 'stream-frame' })
  const [, other, raw] = pair()
  await raw.send(bytes(1, 2))
  await expect(other.stream(0).receive()).rejects.toMatchObject({ code: 'stream-frame' })
})

test('a peer that sends more than anybody receives is cut off; what is received in time makes room', async () => {
  const [near, far] = memoryChannels()
  const [here, there] = [multiplexed(near), multiplexed(far, { mostWaiting: 10_000 })]
  const [to, from] = [here.stream(1), there.stream(1)]
  for (let i = 0; i < 100; i += 1) {
    await to.send(new Uint8Array(4_000))
    expect((await from.receive()).length).toBe(4_000)
  }
  for (let i = 0; i < 3; i += 1) await to.send(new Uint8Array(4_000)).catch(() => undefined)
  expect((await from.receive()).length).toBe(4_000)
  expect((await from.receive()).length).toBe(4_000)
  await expect(from.receive()).rejects.toMatchObject({ code: 'stream-flood' })
  // many small frames, on streams that nobody has met, are a flood too
  const [one, other] = memoryChannels()
  const [sending, flooded] = [multiplexed(one), multiplexed(other, { mostWaiting: 10_000 })]
  const stream = sending.stream(3)
  for (let i = 0; i < 60; i += 1) await stream.send(new Uint8Array(0)).catch(() => undefined)
  const met = flooded.stream(3)
  const ended = async (): Promise<unknown> => {
    for (;;)
      try {
        await met.receive()
      } catch (error) {
        return error
      }
  }
  expect(await ended()).toMatchObject({ code: 'stream-flood' })
})
