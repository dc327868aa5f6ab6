export { type FixedPoint, type FixedPointBounds, fixedPoint, type Reals } from './fixed-point.ts'
export type { Monoid } from './monoid.ts'
export {
  describedParamsCodec,
  type Layout,
  type LayoutEntry,
  layout,
  type Params,
  params,
  paramsCodec,
  sameLayout,
  type TensorShape,
  tensor,
} from './params.ts'
export { type RingBits, type RingVector, ring, ring32, ring64, type VectorRing } from './ring.ts'
export type { CategoricalSummary, ColumnSummary, NumericSummary } from './summary.ts'
