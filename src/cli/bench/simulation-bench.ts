// Many virtual clients on one machine: logistic regression on MNIST, 10 clients a round, batches of 10, as FLUTE's table has it, with other numbers of registered clients to see whether memory
// grows with them; McMahan et al.'s CNN; and Flower's simulation of the first, where a Python has it. Each line is a process of its own.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What one process measured. */
export interface SimulatedLine {
  readonly model: 'logistic' | 'cnn'
  readonly clients: number
  readonly rounds: number
  readonly seconds: number
  /** Until the first training round: reading and hashing the pictures, dealing them, statistics over all clients. */
  readonly startSeconds: number
  readonly msARound: number
  readonly peakMb: number
  readonly accuracy: number | null
}

/** What Flower's simulation took. */
export interface FlowerLine {
  readonly seconds: number
  readonly version: string
}

/** Seconds published for 1000 clients and 100 rounds of logistic regression on CPU, in FLUTE's README: another machine, so indicative only. */
export const published = { 'Flower 1.0': 1814, FLUTE: 200 } as const

/** Megabytes that Node keeps its heap to: left to itself it collects late, and the peak would say how late. */
const HEAP_MB = 450

// the program stands beside the sources and the compiled package alike
const program = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './simulated-run.ts' : './simulated-run.js', import.meta.url))
const flowerProgram = fileURLToPath(new URL('../../../bench/simulate-flower.py', import.meta.url))

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

/** One line of ours. @throws what the process said when it failed. */
export const simulated = async (model: SimulatedLine['model'], clients: number, rounds: number): Promise<SimulatedLine> => {
  const args = [`--max-old-space-size=${HEAP_MB}`, program, model, String(clients), String(rounds)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(lastLine(stdout)) as SimulatedLine
}

/** Flower's own simulation of the logistic line; why not, where Python has none. `folder` holds MNIST's idx files. */
export const flowerSimulated = async (python: string, folder: string, clients: number, rounds: number): Promise<FlowerLine | string> => {
  try {
    const args = [flowerProgram, folder, String(clients), String(rounds)]
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 28 })
    return JSON.parse(lastLine(stdout)) as FlowerLine
  } catch (error) {
    const { stderr = '', code } = error as { readonly stderr?: string; readonly code?: string | number }
    return lastLine(stderr) || String(code ?? 'failed')
  }
}
