// Labels as small whole numbers: what splits are stratified by and what partitioners deal by.
import type { Labelled } from './types.ts'

/**
 * Class indices of all rows `[rows]`; a numeric label is cut into `bins` classes of about equal size (equal labels stay together).
 *
 * @example
 * ```ts
 * const table = csvText('a.csv', 'x,y\n1,10\n2,30\n3,20\n4,40\n')
 * const dataset = await readTable(table, { features: [{ kind: 'numeric', name: 'x' }], label: { kind: 'numeric', name: 'y' } })
 * assert.deepEqual([...strataOf(dataset, 2)], [0, 1, 0, 1])
 * ```
 */
export const strataOf = (dataset: Pick<Labelled, 'schema' | 'labels'>, bins = 5): Uint32Array => {
  if (dataset.schema.label.kind === 'categorical') return Uint32Array.from(dataset.labels)
  const sorted = Float64Array.from(dataset.labels).sort()
  const edges = Array.from(
    { length: bins - 1 },
    (_, bin) => sorted[Math.ceil(((bin + 1) * sorted.length) / bins)] ?? Number.POSITIVE_INFINITY,
  )
  return Uint32Array.from(dataset.labels, (label) => edges.filter((edge) => label >= edge).length)
}
