// Measures of one model as a table: a column for all rows, one for each site.
import type { Evaluation } from '../simulation/index.ts'
import { measureOrder } from '../judge/index.ts'
import { figure } from '../judge/words.ts'
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
export const confusionText = (
  terminal: Terminal,
  { confusion }: Pick<Evaluation, 'confusion'>,
  classes: readonly string[] | undefined,
): string => {
  if (confusion === undefined) return ''
  const name = (i: number) => classes?.[i] ?? String(i)
  return tableText(
    terminal,
    [terminal.texts.table.trueClass, ...confusion.map((_, j) => name(j))],
    confusion.map((row, i) => [name(i), ...row]),
    1,
  )
}

/** Which share of each class's rows each method calls by its name: classes as lines, methods as columns; empty for numbers. */
export const recallText = (
  terminal: Terminal,
  methods: readonly { readonly label: string; readonly confusion: Evaluation['confusion'] | null }[],
  classes: readonly string[] | null,
): string => {
  if (classes === null) return ''
  const recall = (row: readonly number[] | undefined, k: number): string => {
    const rows = row?.reduce((sum, count) => sum + count, 0) ?? 0
    return rows === 0 ? '–' : figure((row?.[k] ?? 0) / rows)
  }
  return tableText(
    terminal,
    [terminal.texts.compare.class, ...methods.map(({ label }) => label)],
    classes.map((name, k) => [name, ...methods.map(({ confusion }) => recall(confusion?.[k], k))]),
    1,
  )
}
