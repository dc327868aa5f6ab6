export type { Monoid } from './monoid.ts'
export { type Layout, type LayoutEntry, layout, type Params } from './params.ts'
export type { CategoricalSummary, ColumnSummary, NumericSummary } from './summary.ts'
