// Measurements as a table: rates, bytes and rounds, with targets and ABY's figures beside.
import Table from 'cli-table3'
import type { Measurement } from '../../mpc/index.ts'
import type { NativeMeasurement } from './native-aby.ts'
import { referenceOf } from './references.ts'
import type { MpcTexts } from './texts.ts'

const short = (value: number | undefined): string =>
  value === undefined ? '' : value.toLocaleString('en', { maximumSignificantDigits: 3 })

/** The table as text; with `native`, ABY's figures on this machine stand beside those that were measured elsewhere. */
export const benchTable = (rows: readonly Measurement[], native: readonly NativeMeasurement[], texts: MpcTexts): string => {
  const table = new Table({
    head: [
      '',
      texts.perSecond,
      texts.perCoreSecond,
      texts.runs,
      'ms',
      texts.bytes,
      texts.rounds,
      texts.target,
      'ABY',
      ...(native.length > 0 ? [texts.abyHere] : []),
    ],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', ...Array.from({ length: 9 }, () => 'right' as const)],
  })
  for (const { name, count, unit, runs, ms, cpuMs, bytes, rounds } of rows) {
    const reference = referenceOf(name)
    const here = native.find((one) => name.startsWith(one.name))
    table.push([
      `${name} [${unit}]`,
      short((count / ms) * 1000),
      short((count / cpuMs) * 1000),
      runs,
      short(ms),
      bytes?.toLocaleString('en') ?? '',
      rounds ?? '',
      short(reference?.target),
      short(reference?.aby),
      ...(native.length > 0 ? [short(here?.perSecond)] : []),
    ])
  }
  return table.toString()
}
