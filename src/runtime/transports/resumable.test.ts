import { expect, test } from 'vitest'
import { YimengError } from '../../base/index.ts'
import { resumableEnd } from './resumable.ts'

test('100 000 streams of other bytes break a link’s end at most with a named fault', () => {
  let state = 1
  const byte = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  }
  let faults = 0
  for (let i = 0; i < 100_000; i += 1) {
    const end = resumableEnd()
    const bytes = Uint8Array.from({ length: byte() % 40 }, byte)
    // small lengths too, so that frames come out
    if (i % 2 === 0) for (let at = 1; at < bytes.length; at += 1) bytes[at]! &= i % 4 === 0 ? 0 : 1
    try {
      end.take(byte() % 3, bytes)
      end.take(0, bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(YimengError)
      faults += 1
    }
  }
  expect(faults).toBeGreaterThan(1_000)
})

test('bytes that come twice, or overlap, count once; bytes that are missing are noticed', async () => {
  const [here, there] = [resumableEnd(), resumableEnd()]
  await here.channel.send(Uint8Array.of(1, 2, 3))
  const bytes = Uint8Array.from(here.read(0, 100).flatMap((piece) => [...piece]))
  expect(bytes).toHaveLength(7)
  there.take(0, bytes.subarray(0, 5))
  there.take(0, bytes.subarray(0, 5))
  expect(there.received()).toBe(5)
  expect(() => there.take(6, bytes.subarray(6))).toThrow('expected position 5, got 6')
  there.take(3, bytes.subarray(3))
  expect(await there.channel.receive()).toEqual(Uint8Array.of(1, 2, 3))
  // what was acknowledged is gone, and nothing ahead of the stream can be acknowledged
  here.acknowledge(7)
  expect(() => here.read(0, 1)).toThrow('position 7')
  expect(() => here.acknowledge(8)).toThrow(YimengError)
})
