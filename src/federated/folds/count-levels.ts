// How often each level was seen, where no party knows all levels beforehand. Needs a protocol that carries any fold: which site saw a level is in its contribution.
import { jsonCodec, YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'

/** Counts by level. */
export type LevelCounts = Readonly<Record<string, number>>

/** Records without a prototype: a level may be called `__proto__` or `constructor`. */
const sorted = (entries: Iterable<readonly [string, number]>): LevelCounts => {
  const counts = Object.create(null) as Record<string, number>
  for (const [level, count] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) counts[level] = count
  return counts
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const levelsCodec = jsonCodec((value): readonly LevelCounts[] => {
  const columns: unknown[] = Array.isArray(value) ? value : [undefined]
  if (columns.every((column) => typeof column === 'object' && column !== null && Object.values(column).every(isCount)))
    return columns.map((column) => sorted(Object.entries(column as LevelCounts)))
  throw new YimengError({
    code: 'level-counts',
    cannot: 'read level counts',
    expected: 'whole numbers from 0 by level',
    got: 'something else',
  })
})

/** Counts of the levels of `columns` columns, column by column; the result is sorted by level. */
export const countLevels = (columns: number): Aggregation<readonly LevelCounts[], readonly LevelCounts[], readonly LevelCounts[]> => ({
  input: levelsCodec,
  total: levelsCodec,
  sum: {
    zero: () => Array.from({ length: columns }, () => sorted([])),
    add: (total, x) =>
      total.map((counts, column) => {
        const both = new Map(Object.entries(counts))
        for (const [level, count] of Object.entries(x[column]!)) both.set(level, (both.get(level) ?? 0) + count)
        return sorted(both)
      }),
  },
  lift: (x, from) => {
    if (x.length === columns) return x
    throw new YimengError({
      code: 'level-columns',
      cannot: 'count levels',
      expected: `${columns} columns`,
      got: String(x.length),
      where: { node: from },
    })
  },
  finish: (total) => total,
})
