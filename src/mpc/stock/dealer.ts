// Making stocks beside other work: a worker thread does the computing, this thread lends it a channel frame by frame. What leaks and the adversary: as `makeStock`.
import { Worker } from 'node:worker_threads'
import { type Channel, type Fault, YimengError } from '../../base/index.ts'
import type { Party } from '../party.ts'
import { STOCK_BYTES } from './folder-stock.ts'
import type { MadeStock } from './make-stock.ts'
import type { StockAmounts } from './randomness.ts'

/** What a dealer makes, and where it keeps my half. */
export interface Deal {
  readonly me: Party
  readonly amounts: StockAmounts
  readonly folder: string
  /** Default 1 GiB. */
  readonly maxBytes?: number
  readonly timeoutMs?: number
}

/** What the worker wants of the channel. */
export type DealerRequest =
  | { readonly want: 'send'; readonly id: number; readonly frame: Uint8Array<ArrayBuffer> }
  | { readonly want: 'receive'; readonly id: number }
  | { readonly want: 'close'; readonly id: number }

/** From the worker: requests, then how it ended. */
export type DealerReport = DealerRequest | { readonly made: MadeStock } | { readonly fault: Omit<Fault, 'cause'> }

/** To the worker: request `id` failed, or is done, with a frame where it asked for one. */
export interface DealerAnswer {
  readonly id: number
  readonly failed?: true
  readonly frame?: Uint8Array<ArrayBuffer>
}

const workerFile = new URL(import.meta.url.endsWith('.ts') ? './dealer-worker.ts' : './dealer-worker.js', import.meta.url)

/**
 * Makes one stock in a worker thread. The peer may do the same, or call `makeStock`. Nothing else may use `channel` meanwhile; afterwards it is free again.
 *
 * @throws YimengError `mpc-dealer` when the thread ends early, and the faults of `makeStock`.
 */
export const dealInWorker = async (channel: Channel, deal: Deal): Promise<MadeStock> => {
  const worker = new Worker(workerFile, { workerData: { ...deal, maxBytes: deal.maxBytes ?? STOCK_BYTES } satisfies Deal })
  const answer = (message: DealerAnswer): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    worker.postMessage(message, message.frame === undefined ? [] : [message.frame.buffer])
  }
  const serve = async (request: DealerRequest): Promise<void> => {
    const { id } = request
    try {
      if (request.want === 'receive') return answer({ id, frame: Uint8Array.from(await channel.receive()) })
      await (request.want === 'send' ? channel.send(request.frame) : channel.close())
      answer({ id })
    } catch {
      answer({ id, failed: true })
    }
  }
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (report: DealerReport) => {
        if ('made' in report) resolve(report.made)
        else if ('fault' in report) reject(new YimengError(report.fault))
        else void serve(report)
      })
      worker.on('error', reject)
      worker.on('exit', () =>
        reject(new YimengError({ code: 'mpc-dealer', cannot: 'make stock', expected: 'a stock', got: 'a thread that ended' })),
      )
    })
  } finally {
    await worker.terminate()
  }
}
