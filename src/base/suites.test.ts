// The suites of this room can fail: each law is broken by an implementation that looks right.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lawsOfChannel } from './channel.suite.ts'
import { type Channel, chunked, memoryChannels } from './channel.ts'
import { lawsOfCodec } from './codec.suite.ts'
import { bytesCodec, type Codec, float32Codec } from './codec.ts'
import { brokenLaws } from './law.suite.ts'

const bytes = fc.uint8Array({ maxLength: 20 })

test('a sound codec and a sound channel break no law', async () => {
  expect(await brokenLaws(lawsOfCodec(bytesCodec, bytes))).toEqual([])
  expect(await brokenLaws(lawsOfChannel(async () => ({ ends: memoryChannels() }), 1000))).toEqual([])
})

const counting: Codec<Uint8Array> = {
  encode: (value) => Uint8Array.of(value.length, ...value),
  decode: (from) => new Uint8Array(from.subarray(1, 1 + (from[0] ?? 0))),
}
test.each<readonly [string, Codec<Uint8Array>, readonly string[]]>([
  [
    'a codec that believes any length',
    counting,
    [
      'bytes cut short are refused, or are a shorter value',
      'bytes with more behind them are refused, or are a longer value',
      'changed bytes and lying lengths are refused, or are another value',
      'invented bytes are refused, or are a value',
    ],
  ],
  [
    'a codec that shares memory',
    { encode: (value) => value, decode: (from) => from },
    ['decoding keeps no reference, needs no alignment and changes nothing'],
  ],
  [
    'a codec that forgets the last byte',
    { encode: (value) => new Uint8Array(value), decode: (from) => new Uint8Array(from.subarray(0, 19)) },
    ['a value survives encoding and decoding', 'what was decoded encodes to the same bytes'],
  ],
])('%s breaks the laws', async (_name, codec, expected) => {
  const long = fc.uint8Array({ minLength: 20, maxLength: 40 })
  expect(await brokenLaws(lawsOfCodec(codec, expected.length === 2 ? long : bytes))).toEqual(expect.arrayContaining([...expected]))
})

test('a codec that needs aligned bytes breaks the laws', async () => {
  const aligned: Codec<Float32Array> = {
    encode: float32Codec.encode,
    decode: (from) => new Float32Array(from.buffer, from.byteOffset, from.length / 4).slice(),
  }
  expect(await brokenLaws(lawsOfCodec(aligned, fc.float32Array({ maxLength: 5 })))).toContain(
    'decoding keeps no reference, needs no alignment and changes nothing',
  )
})

/** Memory channels with one side's or both sides' functions replaced. */
const altered = (change: (channel: Channel) => Partial<Channel>) => async () => {
  const ends = memoryChannels().map((end) => ({ ...end, ...change(end) }))
  return { ends: ends as unknown as readonly [Channel, Channel] }
}

test.each<readonly [string, Parameters<typeof lawsOfChannel>[0], string]>([
  [
    'that swallows empty frames',
    altered(({ send }) => ({ send: async (frame) => (frame.length === 0 ? send(Uint8Array.of(0)) : send(frame)) })),
    'frames arrive whole, in order, both ways at once, of any size from nothing',
  ],
  ['that cuts large frames', altered(({ send }) => ({ send: (frame) => send(frame.subarray(0, 999)) })), 'a large frame arrives whole'],
  [
    'that reads a frame only when its turn comes',
    altered(({ send }) => ({
      send: async (frame) => {
        await Promise.resolve()
        await send(frame)
      },
    })),
    'bytes travel, not references',
  ],
  [
    'whose aborted receive takes a frame with it',
    altered(({ receive }) => ({
      receive: (signal) =>
        new Promise((resolve, reject) => {
          receive().then(resolve, reject)
          signal?.addEventListener('abort', () => reject(signal.reason as Error))
          if (signal?.aborted) reject(signal.reason as Error)
        }),
    })),
    'an aborted receive rejects with the reason of its signal and loses no frame',
  ],
  [
    'that says nothing of an abort',
    altered(({ receive }) => ({ receive: (signal) => receive(signal).catch(() => Promise.reject(new Error('aborted'))) })),
    'an aborted receive rejects with the reason of its signal and loses no frame',
  ],
  [
    'that closes with an error of its own',
    altered(({ receive }) => ({
      receive: (signal) =>
        receive(signal).catch((error: unknown) => Promise.reject(error === signal?.reason ? error : new Error('ECONNRESET'))),
    })),
    'close rejects whoever waits, at both ends, and may be called twice',
  ],
  [
    'that is chunked at one end only',
    async () => {
      const [a, b] = memoryChannels()
      return { ends: [chunked(a, 10), b] }
    },
    'a large frame arrives whole',
  ],
])('a channel %s breaks the laws', async (_name, connect, expected) => {
  const stuck = (law: { readonly name: string; readonly check: () => void | Promise<void> }) => ({
    name: law.name,
    check: () =>
      Promise.race([
        law.check(),
        new Promise<void>((_, reject) => {
          setTimeout(() => reject(new Error('stuck')), 300)
        }),
      ]),
  })
  const laws = lawsOfChannel(connect, 1000).filter(({ name }) => name === expected)
  expect(laws.length).toBe(1)
  expect(await brokenLaws(laws.map(stuck))).toEqual([expected])
})
