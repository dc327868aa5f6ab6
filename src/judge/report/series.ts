// The methods as series of pictures and tables: what each is called and drawn with.
import type { MethodSummary } from '../comparison.ts'
import type { ReportTexts } from './messages/index.ts'

/** A method with its name in the reader's language and its colour. */
export interface Series {
  readonly method: MethodSummary
  readonly label: string
  /** A CSS colour that follows the light or dark theme. */
  readonly colour: string
}

/** Federated first, since the report is about it; the rest as they were compared. */
export const seriesOf = (methods: readonly MethodSummary[], texts: ReportTexts): readonly Series[] => {
  const colours = new Map<string, string>()
  let spare = 0
  for (const { name } of methods) {
    const known = ['federated', 'centralised', 'alone'].includes(name)
    colours.set(name, known ? `var(--${name})` : `var(--other-${spare++ % 8})`)
  }
  return [...methods]
    .sort((a, b) => Number(b.kind === 'federated') - Number(a.kind === 'federated'))
    .map((method) => ({ method, label: texts.methods[method.name] ?? method.name, colour: colours.get(method.name) ?? 'currentColor' }))
}
