export type { Monoid } from './monoid.ts'
export { type Layout, type LayoutEntry, layout, type Params } from './params.ts'
