// What a node tells of its machine, and what is too little of it.
import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'
import { packageVersion } from '../base/node.ts'
import type { Machine } from '../runtime/index.ts'

/** The machine now. Bytes; `load`: waiting and running threads over the last minute (always 0 on Windows). `folder`: whose disk counts. */
export const machineOf = async (folder: string, roundTripMs: number | null = null): Promise<Machine> => {
  const disk = await statfs(folder).catch(() => undefined)
  return {
    version: packageVersion,
    cpus: availableParallelism(),
    load: loadavg()[0] ?? 0,
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    freeDiskBytes: disk === undefined ? null : disk.bavail * disk.bsize,
    roundTripMs,
  }
}

/** The least that is asked of a machine. */
export interface Floor {
  readonly cpus?: number | undefined
  readonly freeMemoryBytes?: number | undefined
  readonly freeDiskBytes?: number | undefined
  /** Largest load for each CPU. */
  readonly largestLoad?: number | undefined
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

/** What of the machine is below a floor, in words; undefined when nothing is. What is not known counts as enough. */
export const belowFloor = (
  machine: Machine,
  { cpus = 0, freeMemoryBytes = 0, freeDiskBytes = 0, largestLoad }: Floor,
): string | undefined => {
  if (machine.cpus < cpus) return `${cpus} CPUs are asked for, this machine has ${machine.cpus}`
  if (machine.freeMemoryBytes < freeMemoryBytes)
    return `${gigabytes(freeMemoryBytes)} of free memory are asked for, this machine has ${gigabytes(machine.freeMemoryBytes)}`
  if (machine.freeDiskBytes !== null && machine.freeDiskBytes < freeDiskBytes)
    return `${gigabytes(freeDiskBytes)} of free disk are asked for, this machine has ${gigabytes(machine.freeDiskBytes)}`
  if (largestLoad !== undefined && machine.load > largestLoad * machine.cpus)
    return `a load of ${largestLoad} a CPU is allowed, this machine has ${(machine.load / machine.cpus).toFixed(1)}`
  return undefined
}
