export type { Measures, RunEvent, RunEventOf } from './run-event.ts'
export { cohortSchema, envelopeShape, type RunEnvelope, type StrategySpec, strategySchema } from './run-spec.ts'
