// Making randomness ahead, as a job: what for is told in names and numbers, so that both sides compute the same amounts.
import { join } from 'node:path'
import type { Channel } from '../../base/index.ts'
import {
  costOf,
  dealInWorker,
  identity,
  type Link,
  logistic,
  millionaires,
  type Party,
  poisson,
  type StockAmounts,
  trainVertical,
  vectorProgram,
  type WireTraffic,
} from '../../mpc/index.ts'

/** What a stock is for. */
export type StockPurpose =
  | { readonly for: 'millionaires'; readonly width: 32 | 64 }
  | { readonly for: 'mul'; readonly width: 32 | 64; readonly sharing: 'arithmetic' | 'boolean'; readonly length: number }
  | { readonly for: 'linear' | 'logistic' | 'poisson'; readonly rows: number; readonly columns: number; readonly epochs: number }
  | { readonly for: 'amounts'; readonly products: number; readonly bitGates: number }

/** Makes `count` stocks, one after the other. */
export interface StockJob {
  readonly kind: 'stock'
  /** The folder of all stocks with this peer; each role has its own below. */
  readonly folder: string
  readonly purpose: StockPurpose
  readonly count: number
}

/** How vertical learning goes from scores to labels, by name. */
export const links: Readonly<Record<'linear' | 'logistic' | 'poisson', Link>> = { linear: identity, logistic, poisson }

/** The traffic of two sessions, one after the other. */
export const totalOf = (x: WireTraffic, y: WireTraffic): WireTraffic => ({
  sent: x.sent + y.sent,
  received: x.received + y.received,
  rounds: x.rounds + y.rounds,
})

/** The halves of one role. */
export const roleFolder = (folder: string, me: Party): string => join(folder, me)

const amountsOf = async (purpose: StockPurpose): Promise<StockAmounts> => {
  switch (purpose.for) {
    case 'millionaires':
      return (await costOf(millionaires(purpose.width), {})).ahead
    case 'mul':
      return (await costOf(vectorProgram({ ...purpose, operation: 'multiply' }), {})).ahead
    case 'amounts':
      return purpose
    case 'linear':
    case 'logistic':
    case 'poisson':
    default: {
      const { rows, columns, epochs } = purpose
      const spec = { rows, guestColumns: 0, hostColumns: columns, epochs, learningRate: 1, l2: 0, losses: purpose.for === 'linear' }
      return (await costOf((engine) => trainVertical(engine, spec, links[purpose.for], {}), {})).ahead
    }
  }
}

/** My side. The computing is done in a worker thread. */
export const makeStocks = async (
  channel: Channel,
  me: Party,
  { folder, purpose, count }: StockJob,
): Promise<{
  readonly result: {
    readonly names: readonly string[]
    readonly products: number
    readonly bitGates: number
    readonly garbledGates: number
  }
  readonly traffic: WireTraffic
}> => {
  const amounts = await amountsOf(purpose)
  const names: string[] = []
  let total: WireTraffic = { sent: 0, received: 0, rounds: 0 }
  while (names.length < count) {
    const { name, traffic } = await dealInWorker(channel, { me, amounts, folder: roleFolder(folder, me) })
    names.push(name)
    total = totalOf(total, traffic)
  }
  const { products, bitGates, garbled = [] } = amounts
  return {
    result: { names, products, bitGates, garbledGates: garbled.reduce((sum, { circuit, rows }) => sum + circuit.ands * rows, 0) },
    traffic: total,
  }
}
