import { expect, test } from 'vitest'
import { memoryChannels, seed, YimengError } from '../../base/index.ts'
import { bulkChannel, type Bulk } from './bulk-channel.ts'
import { coordinatorControl } from '../control.ts'
import { multiplexed } from '../multiplex.ts'

const nowhere: Bulk = {
  give: () => Promise.reject(new Error('not asked')),
  take: () => Promise.reject(new YimengError({ code: 'blob-unknown', cannot: 'take blob', expected: 'one that is there', got: 'none' })),
  close: () => undefined,
}

test('100 000 strange frames meet a named fault at most, at the channel of large frames and at that of orders', async () => {
  const random = seed(6).random()
  const codes = new Map<string, number>()
  const outcome = async (receiving: Promise<unknown>): Promise<void> => {
    const code = await receiving.then(
      () => 'taken',
      (error: unknown) => (error instanceof YimengError ? error.code : `unnamed: ${String(error)}`),
    )
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  for (let i = 0; i < 50_000; i += 1) {
    const [near, far] = memoryChannels()
    const frame = Uint8Array.from({ length: i % 5 === 0 ? 37 : random.integer(60) }, () => random.integer(i % 2 === 0 ? 256 : 3))
    if (i % 3 === 0 && frame.length > 0) frame[0] = 1
    await near.send(frame)
    await outcome(bulkChannel(far, nowhere).receive())
    // stream 0 is that of orders: letters of JSON, so that some are nearly right
    const [here, there] = memoryChannels()
    const control = coordinatorControl(multiplexed(there).stream(0))
    const text = Array.from({ length: random.integer(30) }, () => '{}[]":,0123kindhelo'[random.integer(19)]).join('')
    await here.send(
      Uint8Array.of(i % 7 === 0 ? 1 : 0, 0, 0, 0, ...new TextEncoder().encode(text)).subarray(0, i % 11 === 0 ? 3 : undefined),
    )
    await here.close()
    await outcome(control.receive())
  }
  expect([...codes.keys()].filter((code) => code.startsWith('unnamed'))).toEqual([])
  expect([...codes.keys()]).toEqual(
    expect.arrayContaining(['taken', 'blob-frame', 'blob-unknown', 'codec-json', 'stream-frame', 'channel-closed']),
  )
})
