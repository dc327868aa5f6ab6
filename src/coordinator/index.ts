export type { AllianceResult, AllianceRun } from './alliance-run.ts'
export type { AuditVerdict } from './audit.ts'
export { type Coordinator, type CoordinatorOptions, coordinator, type NodeState, operatorAccess, verifyFolder } from './coordinator.ts'
