// Measures of one model as a table: a column for all rows, one for each site.
import type { Evaluation } from '../simulation/index.ts'
import { figure, measureOrder } from '../judge/index.ts'
import { tableText } from './tables.ts'
import type { Terminal } from './terminal.ts'

/** Sites as lines, measures as columns. */
export const measureTable = (terminal: Terminal, pooled: Evaluation, bySite: Readonly<Record<string, Evaluation>>): string => {
  const { texts, names, paint } = terminal
  const measures = measureOrder.filter((name) => name in pooled.metrics)
  const line = (label: string, { rows, metrics }: Evaluation) => [label, rows, ...measures.map((name) => figure(metrics[name]))]
  const sites = Object.entries(bySite)
  return tableText(
    terminal,
    [texts.table.site, texts.table.testRows, ...measures.map((name) => names.measures[name] ?? name)],
    [
      line(paint('bold', texts.table.allSites), pooled),
      ...(sites.length < 2 ? [] : sites.map(([site, evaluation]) => line(site, evaluation))),
    ],
    1,
  )
}

/** The confusion matrix; empty for numbers. */
export const confusionText = (terminal: Terminal, { confusion }: Evaluation, classes: readonly string[] | undefined): string => {
  if (confusion === undefined) return ''
  const name = (i: number) => classes?.[i] ?? String(i)
  return tableText(
    terminal,
    [terminal.texts.table.trueClass, ...confusion.map((_, j) => name(j))],
    confusion.map((row, i) => [name(i), ...row]),
    1,
  )
}
