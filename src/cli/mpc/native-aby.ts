// Native ABY on this machine, beside ours: its own program bench_operations, both roles over its own TCP, one thread. Its detailed report has a line for each operation and width: bits, set-up
// time, online time in ms, bytes, gates.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { YimengError } from '../../base/index.ts'

/** One of ABY's operations that does what one of our measurements does. */
export interface NativeOperation {
  /** Beginning of our measurement's name. */
  readonly name: string
  /** ABY's name. */
  readonly operation: string
  readonly bits: number
  /** How many at once. */
  readonly count: number
  /** Of our unit in one of ABY's operations. */
  readonly units: number
}

/** What is run. */
export const nativeOperations: readonly NativeOperation[] = [
  { name: 'garble', operation: 'cmpyao', bits: 32, count: 10_000, units: 32 },
  { name: 'product triples', operation: 'mularith', bits: 64, count: 16_384, units: 1 },
  { name: 'AND gates by XOR shares', operation: 'andbool', bits: 64, count: 50_000, units: 64 },
  { name: '1 x 7 products one after the other, 64-bit XOR', operation: 'muldobool', bits: 64, count: 7, units: 1 },
  { name: '2000 x arithmetic to Yao', operation: 'a2y', bits: 64, count: 2000, units: 1 },
  { name: '2000 x Boolean to arithmetic', operation: 'b2a', bits: 64, count: 2000, units: 1 },
  { name: '5000 x Boolean to Yao', operation: 'b2y', bits: 64, count: 5000, units: 1 },
  { name: '5000 x Yao to Boolean', operation: 'y2b', bits: 64, count: 5000, units: 1 },
]

/** What ABY told of one operation. */
export interface NativeMeasurement extends NativeOperation {
  readonly setupMs: number
  readonly onlineMs: number
  /** Of our unit, set-up included. */
  readonly perSecond: number
}

/** Numbers of the operations by name, from the program's list. */
export const operationNumbers = (list: string): ReadonlyMap<string, number> =>
  new Map([...list.matchAll(/^Operation (\d+): (\S+)\s*$/gm)].map(([, number, name]) => [name as string, Number(number)]))

/** Set-up and online time of the line for `bits`, in ms; undefined where the report has none. */
export const timesOf = (report: string, bits: number): readonly [number, number] | undefined => {
  const [, setup, online] = new RegExp(`^${bits}\\t([\\d.e+-]+)\\t([\\d.e+-]+)\\t`, 'm').exec(report) ?? []
  return setup === undefined || online === undefined ? undefined : [Number(setup), Number(online)]
}

/** Runs both roles of `binary` for every operation that it knows. @throws YimengError `mpc-native` for a program that is not ABY's. */
export const measureNative = async (binary: string): Promise<readonly NativeMeasurement[]> => {
  const run = async (...options: readonly string[]): Promise<string> => {
    try {
      return (await promisify(execFile)(binary, options, { timeout: 300_000, maxBuffer: 1 << 26 })).stdout
    } catch (cause) {
      throw new YimengError({
        code: 'mpc-native',
        cannot: 'measure native ABY',
        expected: "ABY's program bench_operations",
        got: 'one that failed',
        where: { file: binary },
        cause,
      })
    }
  }
  const numbers = operationNumbers(await run('-r', '0', '-l'))
  const found: NativeMeasurement[] = []
  for (const wanted of nativeOperations) {
    const { operation, bits, count, units } = wanted
    const number = numbers.get(operation)
    if (number === undefined) continue
    const options = ['-o', String(number), '-b', String(bits), '-n', String(count), '-d', '-t']
    const [report = ''] = await Promise.all(['0', '1'].map((role) => run('-r', role, ...options)))
    const times = timesOf(report, bits)
    if (times === undefined) continue
    const [setupMs, onlineMs] = times
    found.push({ ...wanted, setupMs, onlineMs, perSecond: (1000 * count * units) / (setupMs + onlineMs) })
  }
  if (found.length === 0)
    throw new YimengError({
      code: 'mpc-native',
      cannot: 'measure native ABY',
      expected: "ABY's program bench_operations",
      got: 'one that tells no times',
      where: { file: binary },
    })
  return found
}
