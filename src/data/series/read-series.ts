// New series as a model takes them: the last steps of a table that has a line for each moment and a column for each channel.
import { YimengError } from '../../base/index.ts'
import { columnPosition, scanTable } from '../scan.ts'
import type { Table } from '../table.ts'

/** A series of fewer lines than a window has. */
export const tooShort = (table: Table, time: number, rows: number): YimengError =>
  new YimengError({
    code: 'series-short',
    cannot: 'read series',
    expected: `at least ${time} lines`,
    got: String(rows),
    where: { file: table.name },
  })

/**
 * The last `time` lines of a table, channels in the order of their names: `[time, channels]`. Other columns are passed over.
 *
 * @throws YimengError `csv-column` without a channel, `csv-number` for a cell that is none, `series-short` with fewer lines, and what `scanTable` throws
 *
 * @example
 * ```ts
 * const steps = await lastSteps(csvText('engine.csv', 'b,cycle,a\n1,1,2\n3,2,4\n5,3,6\n'), ['a', 'b'], 2)
 * assert.deepEqual([...steps], [4, 3, 6, 5])
 * ```
 */
export const lastSteps = async (table: Table, channels: readonly string[], time: number): Promise<Float32Array> => {
  const last: Float32Array[] = []
  const rows = await scanTable(table, (header) => {
    const positions = channels.map((name) => columnPosition(table, header, name, 'channel'))
    return (cells, line) => {
      const step = Float32Array.from(positions, (position, channel) => {
        const cell = (cells[position] ?? '').trim()
        const value = cell === '' ? Number.NaN : Number(cell)
        if (Number.isFinite(value)) return value
        throw new YimengError({
          code: 'csv-number',
          cannot: `read column ${channels[channel] ?? ''}`,
          expected: 'a number',
          got: cell === '' ? 'an empty cell' : 'text',
          where: { file: table.name, row: line },
        })
      })
      last.push(step)
      if (last.length > time) last.shift()
    }
  })
  if (last.length < time) throw tooShort(table, time, rows)
  const steps = new Float32Array(time * channels.length)
  for (const [at, step] of last.entries()) steps.set(step, at * channels.length)
  return steps
}
