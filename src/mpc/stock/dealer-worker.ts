// The worker thread of `dealInWorker`: makes one stock over the channel that the main thread lends it.
import { parentPort, workerData } from 'node:worker_threads'
import { type Channel, channelClosed, YimengError } from '../../base/index.ts'
import type { Deal, DealerAnswer, DealerReport } from './dealer.ts'
import { folderStock } from './folder-stock.ts'
import { makeStock } from './make-stock.ts'

const report = (message: DealerReport, transfer: readonly ArrayBuffer[] = []): void => parentPort?.postMessage(message, transfer)

const lentChannel = (): Channel => {
  let next = 0
  const open = new Map<number, (answer: DealerAnswer) => void>()
  parentPort?.on('message', (answer: DealerAnswer) => {
    open.get(answer.id)?.(answer)
    open.delete(answer.id)
  })
  const asked = (cannot: 'send frame' | 'receive frame', request: (id: number) => void): Promise<Uint8Array | undefined> =>
    new Promise((resolve, reject) => {
      const id = next++
      open.set(id, (answer) => (answer.failed ? reject(channelClosed(cannot)) : resolve(answer.frame)))
      request(id)
    })
  return {
    send: async (frame) => {
      const copy = Uint8Array.from(frame)
      await asked('send frame', (id) => report({ want: 'send', id, frame: copy }, [copy.buffer]))
    },
    receive: async (signal) => {
      const frame = asked('receive frame', (id) => report({ want: 'receive', id }))
      // whoever aborts stops the session: a frame that comes later is not missed
      const late = new Promise<never>((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      )
      return (await (signal === undefined ? frame : Promise.race([frame, late]))) ?? new Uint8Array(0)
    },
    close: async () => void (await asked('send frame', (id) => report({ want: 'close', id }))),
  }
}

const { me, amounts, folder, maxBytes, timeoutMs } = workerData as Deal
try {
  report({ made: await makeStock(lentChannel(), me, amounts, folderStock(folder, maxBytes), timeoutMs) })
} catch (cause) {
  const fault =
    cause instanceof YimengError
      ? { code: cause.code, cannot: cause.cannot, expected: cause.expected, got: cause.got, where: cause.where }
      : { code: 'mpc-dealer', cannot: 'make stock', expected: 'a stock', got: cause instanceof Error ? cause.name : 'a fault' }
  report({ fault })
}
