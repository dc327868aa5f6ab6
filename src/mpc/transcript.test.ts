// The views of the parties. A simulator that has only one side's input and the opened output makes views (the real code of that side against a peer that sends random bytes of the
// public lengths, and completes opened shares to the output); a chi-square test of two samples must not tell them from real ones. Each comparison has a false-alarm probability of
// 1e-6. The broken twin is the original's scheme, which opened the host's scores to the guest: the same test must catch it.
import { expect, test } from 'vitest'
import { type Channel, csprng, memoryChannels } from '../base/index.ts'
import { libsodium } from '../crypto/index.ts'
import { fixedPoint, type Words, words, wordsOfBytes } from './arithmetic/words.ts'
import { powerOfTwo } from './arithmetic/truncate.ts'
import { runSecurely } from './engines/aby.ts'
import { labelNumber } from './wire.ts'
import type { Party } from './party.ts'
import { peerOf } from './party.ts'
import type { Secure, SecureProgram } from './secure.ts'

const rows = 1000
const columns = 2
const feature = (k: number): Float64Array => Float64Array.from({ length: rows }, (_, i) => ((i * (k + 3)) % rows) / rows)
const hostX = (): Words => {
  const out = new BigUint64Array(rows * columns)
  for (let j = 0; j < columns; j++) out.set(fixedPoint(feature(j), 20), j * rows)
  return out
}
const labels = (): Words =>
  fixedPoint(
    Array.from({ length: rows }, (_, i) => ((i * 7) % rows) / rows),
    24,
  )

interface Input {
  readonly guest?: Words
  readonly host?: Words
}

// one step of vertical regression: scores, residual, gradient; the gradient alone is opened
const step =
  (leaky: boolean): SecureProgram<Input, Words> =>
  async (engine: Secure, input) => {
    const matrix = await engine.prepareMatrix(
      engine.held('host', () => input.host ?? hostX()),
      { rows, columns, bits: 22 },
    )
    const y = engine.share(
      engine.held('guest', () => input.guest ?? labels()),
      rows,
    )
    const weights = engine.constant(words([1n << 24n, 3n << 22n]))
    const [product] = await engine.products([{ matrix, vector: weights }])
    const scores = await engine.truncate(product as NonNullable<typeof product>, powerOfTwo(20), 'exact')
    if (leaky) await engine.open(scores)
    const residual = engine.subtract(scores, y)
    // garbled and Boolean parts too: the sign of each residual
    const signs = await engine.toArithmetic(await engine.toBoolean(residual, 40))
    const [gradient] = await engine.products([{ matrix, vector: engine.add(residual, engine.scale(signs, 0n)), transposed: true }])
    const squares = await engine.multiply(engine.slice(residual, 0, 64), engine.slice(residual, 0, 64))
    return engine.open(engine.concat([gradient as NonNullable<typeof gradient>, engine.sum(squares)]))
  }

interface Message {
  readonly label: number
  readonly bytes: Uint8Array
}
interface View {
  readonly received: readonly Message[]
  readonly sent: readonly Message[]
}

const messageOf = (frame: Uint8Array): Message => ({
  label: new DataView(frame.buffer, frame.byteOffset).getUint32(0, true),
  bytes: frame.slice(12),
})

const recorded = (channel: Channel): { readonly channel: Channel; readonly view: View } => {
  const received: Message[] = []
  const sent: Message[] = []
  return {
    view: { received, sent },
    channel: {
      ...channel,
      send: (frame) => {
        sent.push(messageOf(frame))
        return channel.send(frame)
      },
      receive: async (signal) => {
        const frame = await channel.receive(signal)
        received.push(messageOf(frame))
        return frame
      },
    },
  }
}

const run = { program: 'transcript' }

/** Both real views and the output. */
const real = async (
  program: SecureProgram<Input, Words>,
): Promise<{ readonly views: Readonly<Record<Party, View>>; readonly output: Words }> => {
  const [a, b] = memoryChannels()
  const [guest, host] = [recorded(a), recorded(b)]
  const [{ result }] = await Promise.all([
    runSecurely(guest.channel, 'guest', run, program, { guest: labels() }),
    runSecurely(host.channel, 'host', run, program, { host: hostX() }),
  ])
  return { views: { guest: guest.view, host: host.view }, output: result }
}

const POINT = 32
const points = new Set(['base message', 'base messages', 'base answer', 'base answers'].map(labelNumber))

/** A view of `me` from its input, the output and the public schedule of messages. Nothing of the peer's input enters. */
const simulated = async (me: Party, program: SecureProgram<Input, Words>, output: Words, schedule: View): Promise<View> => {
  const sodium = await libsodium()
  const [mine, theirs] = memoryChannels()
  const side = recorded(mine)
  const rng = csprng()
  const last = schedule.received.at(-2)?.label
  const peer = async (): Promise<void> => {
    for (const [index, { label, bytes }] of schedule.received.entries()) {
      const payload = new Uint8Array(bytes.length)
      rng.fill(payload)
      if (index === 0) payload.set(bytes.subarray(0, 44))
      // base transfers are uniform group elements, not uniform bytes
      if (points.has(label)) for (let at = 0; at < bytes.length; at += POINT) payload.set(sodium.crypto_core_ristretto255_random(), at)
      // the opened share completes the side's own share to the output
      if (index === schedule.received.length - 2) {
        const own = await (async (): Promise<Uint8Array> => {
          for (;;) {
            const found = side.view.sent.filter((one) => one.label === last).at(-1)
            if (found !== undefined && side.view.sent.length === schedule.sent.length - 1) return found.bytes
            await new Promise((resolve) => setImmediate(resolve))
          }
        })()
        const shares = output.map((value, i) => BigInt.asUintN(64, value - (wordsOfBytes(own)[i] as bigint)))
        payload.set(new Uint8Array(shares.buffer))
      }
      const frame = new Uint8Array(12 + payload.length)
      const view = new DataView(frame.buffer)
      view.setUint32(0, label, true)
      view.setUint32(4, index, true)
      frame.set(payload, 12)
      await theirs.send(frame)
    }
  }
  const input = me === 'guest' ? { guest: labels() } : { host: hostX() }
  const [outcome] = await Promise.all([runSecurely(side.channel, me, run, program, input), peer()])
  // the simulation is consistent: the side that ran against it computed the output
  expect([...outcome.result]).toEqual([...output])
  return side.view
}

/** What a distinguisher looks at, by name: bytes as they came, and sums of what was exchanged under one label. */
const features = (view: View): ReadonlyMap<string, Uint8Array> => {
  const found = new Map<string, Uint8Array[]>()
  const note = (name: string, bytes: Uint8Array): void => void found.set(name, [...(found.get(name) ?? []), bytes])
  const sums = new Map<number, number>()
  for (const { label, bytes } of view.received) {
    note(`bytes of ${label}`, bytes)
    const turn = sums.get(label) ?? 0
    sums.set(label, turn + 1)
    const mine = view.sent.filter((one) => one.label === label)[turn]
    if (mine === undefined || mine.bytes.length !== bytes.length || bytes.length % 8 !== 0) continue
    const [x, y] = [wordsOfBytes(bytes), wordsOfBytes(mine.bytes)]
    note(`sums of ${label}`, new Uint8Array(x.map((value, i) => value + (y[i] as bigint)).buffer))
  }
  return new Map([...found].map(([name, parts]) => [name, new Uint8Array(Buffer.concat(parts))]))
}

/** Chi-square of two samples of bytes over 16 bins by the high half; 15 degrees of freedom. */
const chiSquare = (a: Uint8Array, b: Uint8Array): number => {
  const count = (bytes: Uint8Array): Float64Array => {
    const bins = new Float64Array(16)
    for (const byte of bytes) bins[byte >> 4] = (bins[byte >> 4] as number) + 1
    return bins
  }
  const [x, y] = [count(a), count(b)]
  const [k, l] = [Math.sqrt(b.length / a.length), Math.sqrt(a.length / b.length)]
  return x.reduce((sum, n, i) => {
    const m = y[i] as number
    return n + m === 0 ? sum : sum + (k * n - l * m) ** 2 / (n + m)
  }, 0)
}

/** Exceeded with probability 1e-6 by a chi-square variable with 15 degrees of freedom. */
const LIMIT = 56.5

/** Features that tell both views apart. */
const differences = (one: View, other: View): readonly string[] => {
  const [x, y] = [features(one), features(other)]
  const large = [...x].filter(([name, bytes]) => bytes.length >= 2048 && (y.get(name)?.length ?? 0) >= 2048)
  // every long message takes part
  expect(large.length).toBeGreaterThan(5)
  return large.filter(([name, bytes]) => chiSquare(bytes, y.get(name) ?? new Uint8Array(0)) > LIMIT).map(([name]) => name)
}

test.each(['guest', 'host'] as const)('the view of the %s is simulated from its own input and the output', async (me) => {
  const { views, output } = await real(step(false))
  expect(differences(views[me], await simulated(me, step(false), output, views[me]))).toEqual([])
})

test.each(['guest', 'host'] as const)("the original's scheme, which opens scores, is caught in the view of the %s", async (me) => {
  const { views, output } = await real(step(true))
  expect(differences(views[me], await simulated(me, step(true), output, views[me]))).not.toEqual([])
})

test('the opened scores of the broken twin are the very secrets of the host', async () => {
  const { views } = await real(step(true))
  expect(peerOf('guest')).toBe('host')
  const opened = [...features(views.guest)].filter(([name]) => name.startsWith('sums of')).map(([, bytes]) => wordsOfBytes(bytes))
  const scores = Array.from({ length: rows }, (_, i) => (feature(0)[i] as number) / 4 + ((feature(1)[i] as number) * 3) / 16)
  const seen = opened.some(
    (list) => list.length >= rows && scores.every((z, i) => Math.abs(Number(BigInt.asIntN(64, list[i] as bigint)) / 2 ** 26 - z) < 1e-4),
  )
  expect(seen).toBe(true)
})
