// A line that misbehaves on purpose, between nodes and a coordinator: a TCP proxy with delay, a rate, cuts by chance, and times of silence.
import { connect, createServer, type Socket } from 'node:net'
import { type Seed, seed } from '../src/base/index.ts'

/** How the line misbehaves. Each is off by default. */
export interface Faults {
  /** One way. */
  readonly delayMs?: number
  /** For each direction, over all connections. */
  readonly bitsPerSecond?: number
  /** Chance that a piece of at most 16 KiB is lost, and its connection with it: to TLS over TCP a lost packet is time, a lost connection is loss. */
  readonly loss?: number
}

/** A line to a port of this machine. */
export interface FaultyLine {
  readonly port: number
  /** How it misbehaves from now on. */
  readonly misbehave: (faults: Faults) => void
  /** Cuts all connections, and refuses new ones for so long. */
  readonly cut: (ms: number) => void
  readonly cuts: () => number
  /** Bytes so far. `up`: towards the port. */
  readonly carried: () => { readonly up: number; readonly down: number }
  readonly close: () => void
}

const PIECE_BYTES = 2 ** 14
/** What may be on the way before the sender is stopped. */
const MOST_AHEAD_MS = 250

/** Opens a line. */
export const faultyLine = async (to: number, faults: Faults = {}, from: Seed = seed(1)): Promise<FaultyLine> => {
  let { delayMs = 0, bitsPerSecond, loss = 0 } = faults
  const random = from.random()
  const carried = { up: 0, down: 0 }
  /** When a direction has sent what it was given. */
  const freeAtMs = { up: 0, down: 0 }
  const open = new Set<() => void>()
  let silentUntilMs = 0
  let cuts = 0

  const server = createServer({ allowHalfOpen: false }, (near) => {
    if (performance.now() < silentUntilMs) {
      near.destroy()
      return
    }
    const far = connect(to, '127.0.0.1')
    const end = (): void => {
      open.delete(end)
      near.destroy()
      far.destroy()
    }
    open.add(end)
    const carry = (source: Socket, target: Socket, way: 'up' | 'down'): void => {
      source.on('data', (bytes) => {
        for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
          if (loss > 0 && random.uniform() < loss) {
            cuts += 1
            end()
            return
          }
          const piece = bytes.subarray(at, at + PIECE_BYTES)
          carried[way] += piece.length
          const nowMs = performance.now()
          if (bitsPerSecond !== undefined) freeAtMs[way] = Math.max(nowMs, freeAtMs[way]) + (8000 * piece.length) / bitsPerSecond
          const waitMs = delayMs + Math.max(0, freeAtMs[way] - nowMs)
          if (waitMs === 0) target.write(piece)
          else setTimeout(() => target.write(piece), waitMs)
          if (waitMs - delayMs > MOST_AHEAD_MS) {
            source.pause()
            setTimeout(() => source.resume(), waitMs - delayMs - MOST_AHEAD_MS)
          }
        }
      })
      // what is on the way arrives first
      source.on('end', () => setTimeout(() => target.end(), delayMs + Math.max(0, freeAtMs[way] - performance.now())))
      source.on('close', () => setTimeout(end, delayMs)).on('error', end)
    }
    carry(near, far, 'up')
    carry(far, near, 'down')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cutAll = (): void => {
    for (const end of open) {
      cuts += 1
      end()
    }
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    misbehave: (next) => {
      ;({ delayMs = 0, bitsPerSecond, loss = 0 } = next)
    },
    cut: (ms) => {
      silentUntilMs = performance.now() + ms
      cutAll()
    },
    cuts: () => cuts,
    carried: () => ({ ...carried }),
    close: () => {
      server.close()
      cutAll()
    },
  }
}
