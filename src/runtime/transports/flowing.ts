// The chunks of a body as they come. Not `for await`: that joins what has gathered, which is one more copy into fresh memory for every byte.
import type { Readable } from 'node:stream'

/**
 * Hands each chunk to `take`; while it is busy, the body waits. Resolves at the body's end. When `take` fails, rejects and leaves the body standing: whoever serves may still answer.
 *
 * @throws what `take` throws, and what ends the body early.
 */
export const flowing = (body: Readable, take: (chunk: Uint8Array) => void | Promise<void>): Promise<void> =>
  new Promise((resolve, reject) => {
    const settle = (error?: unknown): void => {
      body.off('data', data).off('end', end).off('error', settle).off('close', cut)
      // what is left standing may still break, when nobody listens any more
      body.on('error', () => undefined).pause()
      if (error === undefined) resolve()
      else reject(error instanceof Error ? error : new Error('a body that failed', { cause: error }))
    }
    const end = (): void => settle()
    const cut = (): void => settle(new Error('cut'))
    const wait = async (busy: Promise<void>): Promise<void> => {
      body.pause()
      await busy
      body.resume()
    }
    const data = (chunk: Uint8Array): void => {
      try {
        const busy = take(chunk)
        if (busy !== undefined) wait(busy).catch(settle)
      } catch (error) {
        settle(error)
      }
    }
    body.on('data', data).once('end', end).once('error', settle).once('close', cut)
    if (body.errored !== null || (body.destroyed && !body.readableEnded)) cut()
    else if (body.readableEnded) end()
  })
