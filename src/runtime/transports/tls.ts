// A channel over TLS 1.3 between two processes that authenticate each other by a code typed in both terminals. First CPace on the open TCP connection turns the code into a strong
// key, then TLS runs with that key as external PSK and a fresh Diffie-Hellman exchange. Adversary: active on the line: one guess of the code per attempt, and the listener gives up
// after three wrong ones; afterwards it reads and changes nothing. What leaks: addresses, sizes and timing.
// Frames: four bytes of length, little-endian, then the bytes.
import { connect, createServer, type Socket } from 'node:net'
import { TLSSocket, connect as connectSecurely } from 'node:tls'
import { type Channel, channelClosed, csprng, FRAME_HEADER_BYTES, inbox, YimengError } from '../../base/index.ts'
import { CPACE_BYTES, cpace } from '../../crypto/index.ts'

/** Where the peer is, and the code. */
export interface TlsAddress {
  /** Default 127.0.0.1. */
  readonly host?: string
  readonly port: number
  /** At least 6 letters or digits; case, spaces and hyphens do not count. */
  readonly code: string
  /** For connection and greeting together. Default 30,000; a listener waits without end unless `signal` aborts. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A listener for one peer. */
export interface TlsListener {
  readonly port: number
  /** The channel to the first peer that knows the code. */
  readonly accepted: Promise<Channel>
  readonly close: () => void
}

const MAGIC = 0x31544d59
const SESSION_BYTES = 16
const HELLO_BYTES = 4 + SESSION_BYTES + CPACE_BYTES
const PURPOSE = 'yimeng tls: initiator connects, responder listens'
const IDENTITY = 'yimeng'
/** Only suites of TLS 1.3; `PSK` is what makes OpenSSL offer an external key. */
const TLS = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256:PSK' } as const
const WRONG_CODES = 3
const LARGEST_FRAME_BYTES = 2 ** 30
const CLOSING_MS = 2_000
/** A stranger that says nothing holds the listener no longer than this. */
const GREETING_MS = 10_000

/** The code as both sides use it. @throws YimengError `tls-code-short` for fewer than 6 letters and digits. */
export const normalCode = (code: string): string => {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, '')
  if (plain.length < 6)
    throw new YimengError({ code: 'tls-code-short', cannot: 'use code', expected: 'at least 6 letters or digits', got: `${plain.length}` })
  return plain
}

/** A fresh code to read out: 8 characters, 40 bits, none that look alike. */
export const freshCode = (): string => {
  const letters = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789'
  const rng = csprng()
  const code = Array.from({ length: 8 }, () => letters[rng.integer(letters.length)]).join('')
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

const lost = (cause: unknown): YimengError =>
  new YimengError({ code: 'tls-lost', cannot: 'reach the peer', expected: 'an open connection', got: 'a closed one', cause })

/** Exactly `length` bytes of a socket that sends no more until it is answered. */
const readExactly = (socket: Socket, length: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const done = (): void => {
      socket.off('readable', readable).off('error', failed).off('close', failed)
    }
    const failed = (cause: unknown): void => {
      done()
      reject(lost(cause))
    }
    const readable = (): void => {
      const bytes = socket.read(length) as Buffer | null
      if (bytes === null) return
      done()
      resolve(new Uint8Array(bytes))
    }
    socket.on('readable', readable).on('error', failed).on('close', failed)
    readable()
  })

const secured = (socket: TLSSocket, event: 'secure' | 'secureConnect'): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const failed = (cause: unknown): void =>
      reject(
        new YimengError({
          code: 'tls-code',
          cannot: 'authenticate the peer',
          expected: 'the same code on both sides',
          got: 'another one',
          cause,
        }),
      )
    socket.once(event, () => {
      socket.off('error', failed).off('close', failed)
      resolve(socket)
    })
    socket.once('error', failed).once('close', failed)
  })

/** Gives back memory that nobody will read again, where it is a buffer of its own: at once, and not when it is collected, so that the next piece finds it in the cache. */
const freed = ({ buffer, length }: Buffer): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0)
}

/** Frames over a secured socket. */
const channelOf = (socket: TLSSocket): Channel => {
  const frames = inbox()
  let open = true
  // each frame is filled where its receiver will read it: pieces are copied once
  let incoming = new Uint8Array(FRAME_HEADER_BYTES)
  let have = 0
  let inHeader = true
  const fail = (cause: unknown): void => {
    open = false
    frames.end(channelClosed('receive frame', cause))
    socket.destroy()
  }
  const expect = (length: number, header: boolean): void => {
    incoming = new Uint8Array(length)
    have = 0
    inHeader = header
  }
  const consume = (chunk: Buffer): void => {
    for (let at = 0; ; ) {
      const piece = chunk.subarray(at, at + incoming.length - have)
      incoming.set(piece, have)
      have += piece.length
      at += piece.length
      if (have < incoming.length) return
      if (inHeader) {
        const length = new DataView(incoming.buffer).getUint32(0, true)
        if (length > LARGEST_FRAME_BYTES)
          return fail(
            new YimengError({
              code: 'tls-frame',
              cannot: 'receive frame',
              expected: `at most ${LARGEST_FRAME_BYTES} bytes`,
              got: `${length}`,
            }),
          )
        expect(length, false)
      } else {
        frames.put(incoming)
        expect(FRAME_HEADER_BYTES, true)
      }
    }
  }
  socket.setNoDelay(true)
  socket.on('data', (chunk: Buffer) => {
    consume(chunk)
    freed(chunk)
  })
  socket.on('error', fail)
  socket.on('end', () => fail(undefined))
  socket.on('close', () => fail(undefined))
  return {
    send: (frame) => {
      if (!open) return Promise.reject(channelClosed('send frame'))
      const bytes = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES + frame.length)
      bytes.writeUInt32LE(frame.length, 0)
      bytes.set(frame, FRAME_HEADER_BYTES)
      return new Promise((resolve, reject) => {
        socket.write(bytes, (error) => {
          if (error instanceof Error) return reject(channelClosed('send frame', error))
          freed(bytes)
          resolve()
        })
      })
    },
    receive: frames.receive,
    close: () => {
      frames.drop(channelClosed('receive frame'))
      if (!open) return Promise.resolve()
      open = false
      return new Promise((resolve) => {
        const force = setTimeout(() => socket.destroy(), CLOSING_MS)
        socket.once('close', () => {
          clearTimeout(force)
          resolve()
        })
        socket.end(() => socket.destroy())
      })
    },
  }
}

const within = async <T>(task: Promise<T>, socket: Socket, timeoutMs: number): Promise<T> => {
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    return await task
  } catch (cause) {
    socket.destroy()
    throw cause
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Connects to a listener.
 *
 * @throws YimengError `tls-lost` when nobody answers, `tls-code` when the codes differ, `tls-code-short`.
 */
export const connectTls = async ({ host = '127.0.0.1', port, code, timeoutMs = 30_000, signal }: TlsAddress): Promise<Channel> => {
  const plain = normalCode(code)
  const socket = connect({ host, port, ...(signal === undefined ? {} : { signal }) })
  const start = async (): Promise<Channel> => {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', (cause) => reject(lost(cause)))
    })
    const hello = Buffer.alloc(HELLO_BYTES)
    hello.writeUInt32LE(MAGIC, 0)
    const session = hello.subarray(4, 4 + SESSION_BYTES)
    csprng().fill(session)
    const side = await cpace(csprng(), plain, PURPOSE, session, true)
    hello.set(side.message, 4 + SESSION_BYTES)
    socket.write(hello)
    const psk = Buffer.from(side.key(await readExactly(socket, CPACE_BYTES)))
    // the key authenticates both sides; there are no certificates to check
    const secure = connectSecurely({
      socket,
      ...TLS,
      pskCallback: () => ({ psk, identity: IDENTITY }),
      checkServerIdentity: () => undefined,
    })
    const channel = channelOf(await secured(secure, 'secureConnect'))
    // with TLS 1.3 the listener's refusal comes after the client's side is done: wait for its word
    await channel.receive()
    return channel
  }
  return within(start(), socket, timeoutMs)
}

const accept = async (socket: Socket, code: string, timeoutMs: number): Promise<Channel> => {
  const start = async (): Promise<Channel> => {
    const hello = Buffer.from(await readExactly(socket, HELLO_BYTES))
    if (hello.readUInt32LE(0) !== MAGIC)
      throw new YimengError({ code: 'tls-hello', cannot: 'accept connection', expected: 'a yimeng process', got: 'something else' })
    const side = await cpace(csprng(), code, PURPOSE, hello.subarray(4, 4 + SESSION_BYTES), false)
    const psk = Buffer.from(side.key(hello.subarray(4 + SESSION_BYTES)))
    socket.write(side.message)
    // Node takes the callback here too, but its types do not know
    const options: ConstructorParameters<typeof TLSSocket>[1] & {
      readonly pskCallback: (socket: TLSSocket, identity: string) => Buffer | null
    } = {
      isServer: true,
      ...TLS,
      pskCallback: (_, identity) => (identity === IDENTITY ? psk : null),
    }
    const secure = new TLSSocket(socket, options)
    const channel = channelOf(await secured(secure, 'secure'))
    await channel.send(new Uint8Array(0))
    return channel
  }
  return within(start(), socket, timeoutMs)
}

/**
 * Listens for one peer that knows the code. `accepted` rejects with a YimengError `tls-code` after three peers that did not, and `tls-closed` when closed before.
 * Port 0 takes any free one.
 */
export const listenTls = async ({ host = '127.0.0.1', port, code, timeoutMs = 30_000, signal }: TlsAddress): Promise<TlsListener> => {
  const plain = normalCode(code)
  const server = createServer()
  let settle: { readonly resolve: (channel: Channel) => void; readonly reject: (cause: unknown) => void } | undefined
  const accepted = new Promise<Channel>((resolve, reject) => {
    settle = { resolve, reject }
  })
  accepted.catch(() => undefined)
  let wrong = 0
  // one at a time, so that wrong guesses are counted before the next
  let turn: Promise<void> = Promise.resolve()
  server.on('connection', (socket) => {
    const task = async (): Promise<void> => {
      if (!server.listening) {
        socket.destroy()
        return
      }
      try {
        const channel = await accept(socket, plain, Math.min(timeoutMs, GREETING_MS))
        server.close()
        settle?.resolve(channel)
      } catch (cause) {
        if (cause instanceof YimengError && cause.code === 'tls-code') wrong += 1
        if (wrong >= WRONG_CODES) {
          server.close()
          settle?.reject(cause)
        }
      }
    }
    turn = turn.then(task)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new YimengError({ code: 'tls-listen', cannot: 'listen', expected: 'a free port', got: `port ${port}`, cause })),
    )
    server.listen(port, host, resolve)
  })
  const close = (): void => {
    server.close()
    settle?.reject(new YimengError({ code: 'tls-closed', cannot: 'wait for the peer', expected: 'an open listener', got: 'a closed one' }))
  }
  signal?.addEventListener('abort', close, { once: true })
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : port, accepted, close }
}
