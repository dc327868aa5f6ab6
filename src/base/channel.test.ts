import { expect, test } from 'vitest'
import { channelConformance } from './channel.suite.ts'
import { type Channel, chunked, counted, FRAME_HEADER_BYTES, memoryChannels } from './channel.ts'
import { YimengError } from './errors.ts'

channelConformance('memory', async () => ({ ends: memoryChannels() }))
channelConformance('memory, counted', async () => {
  const [a, b] = memoryChannels()
  return { ends: [counted(a), counted(b)] }
})
for (const frameBytes of [2, 100, 65_536])
  channelConformance(
    `memory, in chunks of ${frameBytes} bytes`,
    async () => {
      const [a, b] = memoryChannels()
      return { ends: [chunked(a, frameBytes), chunked(b, frameBytes)] }
    },
    frameBytes === 2 ? 5000 : 300_000,
  )

test('traffic counts frames and their headers, each way, at both ends alike', async () => {
  const [a, b] = memoryChannels().map(counted) as [ReturnType<typeof counted>, ReturnType<typeof counted>]
  await a.send(new Uint8Array(100))
  await a.send(new Uint8Array(0))
  await b.send(new Uint8Array(7))
  expect(b.traffic()).toEqual({ sent: 7 + FRAME_HEADER_BYTES, received: 0 })
  await b.receive()
  await b.receive()
  await a.receive()
  expect(a.traffic()).toEqual({ sent: 100 + 2 * FRAME_HEADER_BYTES, received: 7 + FRAME_HEADER_BYTES })
  expect(b.traffic()).toEqual({ sent: 7 + FRAME_HEADER_BYTES, received: 100 + 2 * FRAME_HEADER_BYTES })
  await b.close()
  await expect(a.send(new Uint8Array(9))).rejects.toThrow(YimengError)
  expect(a.traffic().sent).toBe(100 + 2 * FRAME_HEADER_BYTES) // what was not sent is not counted
})

test('a frame is cut into as few chunks as hold it', async () => {
  for (const [length, frames] of [
    [0, 1],
    [1, 1],
    [9, 1],
    [10, 2],
    [18, 2],
    [19, 3],
  ] as const) {
    const [a, b] = memoryChannels()
    const wire = counted(a)
    await chunked(wire, 10).send(new Uint8Array(length))
    expect(wire.traffic().sent).toBe(length + frames * (1 + FRAME_HEADER_BYTES))
    expect((await chunked(b, 10).receive()).length).toBe(length)
  }
})

test('an abort in the middle of a frame keeps what has come', async () => {
  const [a, b] = memoryChannels()
  const receiver = chunked(b, 3)
  await a.send(Uint8Array.of(1, 10, 11))
  const stop = new AbortController()
  const waiting = receiver.receive(stop.signal)
  const behind = receiver.receive(stop.signal)
  await new Promise((resolve) => setTimeout(resolve, 5))
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(behind).rejects.toThrow('enough')
  await a.send(Uint8Array.of(0, 12))
  expect(await receiver.receive()).toEqual(Uint8Array.of(10, 11, 12))
})

const codeAndState = async (raw: readonly Uint8Array[], maxMessageBytes = 100): Promise<readonly [unknown, string]> => {
  const [a, b] = memoryChannels()
  const receiver: Channel = chunked(b, 10, maxMessageBytes)
  for (const frame of raw) await a.send(frame)
  const code = await receiver.receive().catch((error: unknown) => (error as YimengError).code)
  const after = await receiver.receive().catch((error: unknown) => (error as YimengError).code)
  return [code, after as string]
}
const more = (length: number): Uint8Array => new Uint8Array(length).fill(1, 0, 1)

test('chunks that no sender makes close the channel', async () => {
  const faults: readonly (readonly Uint8Array[])[] = [
    [new Uint8Array(0)], // no first byte
    [Uint8Array.of(2, 1)], // a first byte that says nothing
    [more(9)], // more follows, though there was room
    [more(11)],
    [new Uint8Array(11)], // longer than agreed
    [more(10), new Uint8Array(1)], // an empty last chunk behind others
  ]
  for (const fault of faults) expect(await codeAndState(fault)).toEqual(['chunk', 'channel-closed'])
})

test('a message beyond the bound is refused by sender and receiver', async () => {
  expect(await codeAndState([more(10), more(10), more(10)], 20)).toEqual(['chunk-size', 'channel-closed'])
  const [a] = memoryChannels()
  await expect(chunked(a, 10, 20).send(new Uint8Array(21))).rejects.toThrow('at most 20 bytes')
  await expect(chunked(a, 10, 20).send(new Uint8Array(20))).resolves.toBeUndefined()
  for (const size of [1, 0, 2.5, Number.NaN]) expect(() => chunked(a, size)).toThrow(YimengError)
})

test('one channel can carry many waiting receivers without leaving listeners behind', async () => {
  const [a, b] = memoryChannels()
  const { signal } = new AbortController()
  let listeners = 0
  const watched = Object.assign(signal, {
    addEventListener: (...args: Parameters<AbortSignal['addEventListener']>) => {
      listeners += 1
      EventTarget.prototype.addEventListener.apply(signal, args)
    },
    removeEventListener: (...args: Parameters<AbortSignal['removeEventListener']>) => {
      listeners -= 1
      EventTarget.prototype.removeEventListener.apply(signal, args)
    },
  })
  for (let i = 0; i < 20; i += 1) {
    const waiting = b.receive(watched)
    await a.send(Uint8Array.of(i))
    expect((await waiting)[0]).toBe(i)
  }
  expect(listeners).toBe(0)
})
