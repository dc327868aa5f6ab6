// What the system says of a process. Linux only (/proc); elsewhere undefined.
import { readFile } from 'node:fs/promises'

/** Seconds of CPU that a process has used. */
export const cpuSeconds = async (pid: number | undefined): Promise<number | undefined> => {
  try {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
    // ticks of 1/100 s, in user and in system mode
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}

/** Resident memory, MB. */
export const residentMb = async (pid: number | undefined): Promise<number | undefined> => {
  try {
    const [, kB] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
    return kB === undefined ? undefined : (Number(kB) * 1024) / 1e6
  } catch {
    return undefined
  }
}
