export type { AllianceResult, AllianceRun } from './alliance-run.ts'
export type { AuditTable as AuditEntry, AuditVerdict } from './audit.ts'
export { type Coordinator, type CoordinatorOptions, coordinator, type NodeState, operatorAccess, verifyFolder } from './coordinator.ts'
export { type Role, roleNames } from './roles.ts'
