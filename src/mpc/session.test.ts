import { expect, test } from 'vitest'
import { type Channel, memoryChannels } from '../base/index.ts'
import { words } from './arithmetic/words.ts'
import { runSecurely } from './engines/aby.ts'
import type { Party } from './party.ts'
import { runMillionaires } from './programs/millionaires.ts'
import { runVectors } from './programs/vectors.ts'
import type { SecureProgram } from './secure.ts'

const codes = async (tasks: readonly Promise<unknown>[]): Promise<readonly unknown[]> =>
  (await Promise.allSettled(tasks)).map((one) => (one.status === 'rejected' ? (one.reason as { readonly code?: string }).code : 'no fault'))

const product: SecureProgram<readonly bigint[], readonly bigint[]> = async (engine, input) => {
  const [x, y] = (['guest', 'host'] as const).map((party) =>
    engine.share(
      engine.held(party, () => words(input)),
      3,
    ),
  )
  return [...(await engine.open(await engine.multiply(x as NonNullable<typeof x>, y as NonNullable<typeof y>)))]
}

/** The guest's channel with its outgoing frames changed. */
const changed = (channel: Channel, change: (frame: Uint8Array, index: number) => readonly Uint8Array[]): Channel => {
  let index = 0
  return {
    ...channel,
    send: async (frame) => {
      for (const one of change(frame, index++)) await channel.send(one)
    },
  }
}

const withGuest = async (change: (frame: Uint8Array, index: number) => readonly Uint8Array[]): Promise<readonly unknown[]> => {
  const [a, b] = memoryChannels()
  const run = { program: 'product', timeoutMs: 20_000 }
  return codes([runSecurely(changed(a, change), 'guest', run, product, [1n, 2n, 3n]), runSecurely(b, 'host', run, product, [4n, 5n, 6n])])
}

test('the session works untouched', async () => {
  expect(await withGuest((frame) => [frame])).toEqual(['no fault', 'no fault'])
})

test('a peer that dies in the middle stops the other with a cause', async () => {
  for (const at of [0, 1, 2, 3, 4, 5]) {
    const [a, b] = memoryChannels()
    const dying = changed(a, (frame, index) => {
      if (index === at) void a.close()
      return [frame]
    })
    const run = { program: 'product', timeoutMs: 20_000 }
    const [guest, host] = await codes([
      runSecurely(dying, 'guest', run, product, [1n, 2n, 3n]),
      runSecurely(b, 'host', run, product, [4n, 5n, 6n]),
    ])
    expect(['mpc-peer-lost', 'channel-closed']).toContain(guest)
    expect(host).toBe('mpc-peer-lost')
  }
})

test('a silent peer stops the other after the time that was given', async () => {
  const [a] = memoryChannels()
  expect(await codes([runSecurely(a, 'guest', { program: 'product', timeoutMs: 50 }, product, [1n, 2n, 3n])])).toEqual(['mpc-peer-silent'])
})

test('replayed, truncated, lengthened and swapped messages stop both', async () => {
  const held: Uint8Array[] = []
  const cases: Readonly<Record<string, (frame: Uint8Array, index: number) => readonly Uint8Array[]>> = {
    'mpc-sequence': (frame, index) => (index === 3 ? [frame, frame] : [frame]),
    'mpc-length': (frame, index) => [index === 3 ? frame.subarray(0, -8) : frame],
    'mpc-frame': (frame, index) => [index === 3 ? frame.subarray(0, 5) : frame],
  }
  for (const [code, change] of Object.entries(cases)) expect(await withGuest(change), code).toEqual(['mpc-peer-stopped', code])
  expect(await withGuest((frame, index) => [index === 2 ? new Uint8Array([...frame, 0]) : frame])).toEqual([
    'mpc-peer-stopped',
    'mpc-length',
  ])
  // the second base message arrives before the first
  expect(
    await withGuest((frame, index) => {
      if (index !== 1) return index === 2 ? [frame, ...held] : [frame]
      held.push(frame.slice())
      return []
    }),
  ).toEqual(['mpc-peer-stopped', 'mpc-sequence'])
})

test('another version, another program, the same role: neither side starts', async () => {
  expect(await withGuest((frame, index) => (index === 0 ? [frame.map((byte, i) => (i === 16 ? byte + 1 : byte))] : [frame]))).toEqual([
    'mpc-peer-stopped',
    'mpc-version',
  ])
  const [a, b] = memoryChannels()
  expect(
    await codes([
      runSecurely(a, 'guest', { program: 'one' }, product, [1n, 2n, 3n]),
      runSecurely(b, 'host', { program: 'two' }, product, [1n, 2n, 3n]),
    ]),
  ).toEqual(['mpc-program', 'mpc-program'])
  const [c, d] = memoryChannels()
  expect(
    await codes([
      runSecurely(c, 'guest', { program: 'one' }, product, [1n, 2n, 3n]),
      runSecurely(d, 'guest', { program: 'one' }, product, [1n, 2n, 3n]),
    ]),
  ).toEqual(['mpc-role', 'mpc-role'])
})

test('one side that does something else, or brings another length, stops both', async () => {
  const [a, b] = memoryChannels()
  const other: typeof product = async (engine, input) => [
    ...(await engine.open(
      engine.share(
        engine.held('guest', () => words(input)),
        3,
      ),
    )),
  ]
  const [guest, host] = await codes([
    runSecurely(a, 'guest', { program: 'same', timeoutMs: 20_000 }, other, [1n, 2n, 3n]),
    runSecurely(b, 'host', { program: 'same', timeoutMs: 20_000 }, product, [1n, 2n, 3n]),
  ])
  expect(['mpc-label', 'mpc-peer-stopped']).toContain(guest)
  expect(['mpc-label', 'mpc-peer-stopped', 'mpc-peer-lost']).toContain(host)
  const [c, d] = memoryChannels()
  expect(
    await codes([
      runSecurely(c, 'guest', { program: 'same' }, product, [1n, 2n]),
      runSecurely(d, 'host', { program: 'same' }, product, [1n, 2n, 3n]),
    ]),
  ).toEqual(['mpc-shape', 'mpc-peer-stopped'])
})

const rich = async (guest: bigint, host: bigint, width: 32 | 64): Promise<readonly unknown[]> => {
  const [a, b] = memoryChannels()
  const [mine, theirs] = await Promise.all([runMillionaires(a, 'guest', guest, width), runMillionaires(b, 'host', host, width)])
  return [mine.result, theirs.result]
}

test('millionaires: 66 and 77, swapped, equal, negative, extreme', async () => {
  for (const width of [32, 64] as const) {
    const least = -(1n << BigInt(width - 1))
    expect(await rich(66n, 77n, width)).toEqual(['host', 'host'])
    expect(await rich(77n, 66n, width)).toEqual(['guest', 'guest'])
    expect(await rich(66n, 66n, width)).toEqual(['equal', 'equal'])
    expect(await rich(-5n, 3n, width)).toEqual(['host', 'host'])
    expect(await rich(-least - 1n, least, width)).toEqual(['guest', 'guest'])
  }
  await expect(rich(1n << 31n, 0n, 32)).rejects.toThrow(/32 bits/)
})

test('vectors: 1..7, the table of 1..1000, negatives; 32 and 64 bits; both sharings', async () => {
  const lists = [[1n, 2n, 3n, 4n, 5n, 6n, 7n], Array.from({ length: 1000 }, (_, i) => BigInt(i + 1)), [-3n, 5n, -(1n << 31n), 0n, -1n]]
  for (const list of lists)
    for (const operation of ['add', 'multiply'] as const)
      for (const width of [32, 64] as const)
        for (const sharing of list.length === 1000 ? (['arithmetic'] as const) : (['arithmetic', 'boolean'] as const)) {
          const [a, b] = memoryChannels()
          const task = { operation, width, length: list.length, sharing }
          const sides = [
            [a, 'guest'],
            [b, 'host'],
          ] as const satisfies readonly (readonly [Channel, Party])[]
          const [mine, theirs] = await Promise.all(sides.map(([channel, me]) => runVectors(channel, me, task, list)))
          expect(mine?.result).toEqual(list.map((x) => BigInt.asIntN(width, operation === 'add' ? 2n * x : x * x)))
          expect(theirs?.result).toEqual(mine?.result)
        }
})
