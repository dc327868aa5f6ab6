// Whole training steps of our engine against PyTorch on the CPU and TensorFlow.js, in turns, so that a busy machine slows all alike. Every measurement is a process of its own.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What one process measured. */
export interface Measured {
  /** Of one step. */
  readonly wallMs: number
  readonly cpuMs: number
  /** A second, over all sessions. */
  readonly samples: number
  readonly peakMb: number
  /** Of the peer. */
  readonly version?: string
}

/** Steps of each workload: about a second each. TensorFlow.js has no counterpart for all, and takes seconds for a step of a convolutional network. */
export const workloads: Readonly<Record<string, { readonly steps: number; readonly tfjs?: number }>> = {
  mlp: { steps: 5000, tfjs: 300 },
  'mcmahan-10': { steps: 60, tfjs: 1 },
  'mcmahan-64': { steps: 12 },
  'brain-64': { steps: 20 },
  'brain-128': { steps: 6 },
  'resnet-18': { steps: 4 },
  'resnet-18-frozen': { steps: 10 },
  gru: { steps: 200, tfjs: 2 },
  lstm: { steps: 200, tfjs: 2 },
}

/** How to measure. */
export interface BenchOptions {
  readonly only: readonly string[]
  readonly rounds: number
  /** Ours in one process, each with one thread, against as many processes of PyTorch. */
  readonly sessions: number
  readonly python: string
  /** Folder that `@tensorflow/tfjs` is installed in. */
  readonly tfjs?: string
}

/** One workload's measurements, a round after the other. */
export interface BenchLine {
  readonly workload: string
  readonly ours: readonly Measured[]
  readonly torch: readonly Measured[]
  readonly tfjs: readonly Measured[]
}

// the peers' programs stand beside the sources and the compiled package alike
const peer = (name: string): string => fileURLToPath(new URL(`../../../bench/${name}`, import.meta.url))
const ours = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './our-steps.ts' : './our-steps.js', import.meta.url))

const run = async (command: string, args: readonly string[]): Promise<Measured> => {
  const { stdout } = await promisify(execFile)(command, args)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured
}

const torch = async (python: string, workload: string, steps: number, sessions: number): Promise<Measured> => {
  const each = await Promise.all(
    Array.from({ length: sessions }, () => run(python, ['-P', peer('engine-torch.py'), workload, String(steps), '1'])),
  )
  const total = (of: (measured: Measured) => number): number => each.reduce((sum, measured) => sum + of(measured), 0)
  return {
    wallMs: total(({ wallMs }) => wallMs) / sessions,
    cpuMs: total(({ cpuMs }) => cpuMs) / sessions,
    samples: total(({ samples }) => samples),
    peakMb: total(({ peakMb }) => peakMb),
    version: each[0]?.version ?? '',
  }
}

/** Version of PyTorch there; undefined where that Python or its PyTorch is missing. */
export const torchVersion = async (python: string): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)(python, ['-P', '-c', 'import torch; print(torch.__version__)'])
    return stdout.trim()
  } catch {
    return undefined
  }
}

/** Whether TensorFlow.js is installed in a folder. */
export const hasTfjs = (folder: string): boolean => existsSync(`${folder}/node_modules/@tensorflow/tfjs/package.json`)

/** Measures each workload and tells as soon as one is done. Without PyTorch only ours is measured. */
export const benchEngine = async (
  { only, rounds, sessions, python, tfjs }: BenchOptions,
  withTorch: boolean,
  done: (line: BenchLine) => void,
): Promise<void> => {
  for (const workload of only) {
    const { steps = 10, tfjs: fewer } = workloads[workload] ?? {}
    const line = { workload, ours: [] as Measured[], torch: [] as Measured[], tfjs: [] as Measured[] }
    for (let round = 0; round < rounds; round++) {
      line.ours.push(await run(process.execPath, [ours, workload, String(steps), String(sessions)]))
      if (withTorch) line.torch.push(await torch(python, workload, steps, sessions))
      // slow, and its ratio is not a close one: once
      if (tfjs !== undefined && fewer !== undefined && round === 0)
        line.tfjs.push(await run(process.execPath, [peer('engine-tfjs.mjs'), tfjs, workload, String(fewer)]))
    }
    done(line)
  }
}
