// Plays one masked sum in memory, with somebody on the line who sees every frame and may change or cut it.
import { type Channel, memoryChannels } from '../../base/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import type { NodeId } from '../placement.ts'
import type { Collected, SumProtocol, SumStep } from '../sum-protocol.ts'

/** A frame on its way; `phase` counts from 1 in each direction. */
export interface Passing {
  readonly node: NodeId
  readonly way: 'up' | 'down'
  readonly phase: number
  readonly frame: Uint8Array
}

export interface SumPlay<I, A> {
  readonly how: LinearAggregation<I, A, unknown>
  readonly inputs: Readonly<Record<NodeId, I>>
  /** Of a node, or of `server`. */
  readonly protocol: (who: NodeId) => SumProtocol<'linear'>
  readonly quorum?: number
  readonly step?: SumStep
  /** The frame that goes on; `cut` closes the node's channel; a list sends several. Absent: all as they are. */
  readonly line?: (passing: Passing) => Uint8Array | readonly Uint8Array[] | 'cut'
}

export interface SumPlayed<A> {
  readonly collected: Collected<A>
  /** Why nodes ended badly. */
  readonly failures: ReadonlyMap<NodeId, unknown>
  readonly seen: readonly Passing[]
}

export const playSum = async <I, A>({ how, inputs, protocol, quorum = 1, step, line }: SumPlay<I, A>): Promise<SumPlayed<A>> => {
  const signal = new AbortController().signal
  const seen: Passing[] = []
  const failures = new Map<NodeId, unknown>()
  const links = new Map<NodeId, Channel>()
  const parts: Promise<void>[] = []
  for (const node of Object.keys(inputs)) {
    const [here, there] = memoryChannels()
    const phases = { up: 0, down: 0 }
    const passes = (way: 'up' | 'down', frame: Uint8Array): readonly Uint8Array[] | 'cut' => {
      const passing = { node, way, phase: (phases[way] += 1), frame }
      seen.push({ ...passing, frame: new Uint8Array(frame) })
      const result = line?.(passing) ?? frame
      return result === 'cut' ? 'cut' : result instanceof Uint8Array ? [result] : result
    }
    links.set(node, {
      ...here,
      send: async (frame) => {
        const frames = passes('down', frame)
        if (frames === 'cut') return here.close()
        for (const each of frames) await here.send(each)
      },
    })
    const up: Channel = {
      ...there,
      send: async (frame) => {
        const frames = passes('up', frame)
        if (frames === 'cut') return there.close()
        for (const each of frames) await there.send(each)
      },
    }
    parts.push(
      protocol(node)
        .contribute(how, inputs[node]!, node, up, signal, step)
        .catch(async (error: unknown) => {
          failures.set(node, error)
          await there.close()
        }),
    )
  }
  const collected = await protocol('server').collect(how, { links, quorum, signal })
  for (const channel of links.values()) await channel.close()
  await Promise.all(parts)
  return { collected, failures, seen }
}

/** χ² of the 256 byte values. */
export const chiSquare = (bytes: Uint8Array): number => {
  const counts = new Float64Array(256)
  for (const byte of bytes) counts[byte]! += 1
  const expected = bytes.length / 256
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** Upper 1e-9 quantile of χ² with 255 degrees of freedom (scipy.stats.chi2.isf(1e-9, 255)). */
export const ALARM = 414.5
