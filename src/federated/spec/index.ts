export { cohortSchema } from './cohort-spec.ts'
export { type ContributionSpec, contributionSchema } from './contribution-spec.ts'
export { type RateScheduleSpec, rateScheduleSchema } from './rate-schedule-spec.ts'
export type { Measures, RunEvent, RunEventOf } from './run-event.ts'
export {
  envelopeShape,
  type PrivacySpec,
  privacySchema,
  type RunEnvelope,
  unitOf,
} from './run-spec.ts'
export { type CompressionSpec, compressionSchema, type StrategySpec, strategySchema } from './strategy-spec.ts'
