// What the alliance's commands do.
export { auditShow, auditVerify, invite, nodes, revoke, up } from './coordinator.ts'
export { deal, demo } from './demo.ts'
export { nodeApprove, nodeCheck, nodeDataAdd, nodeDryRun, nodeJoin, nodePolicy, nodeStart, nodeStatus } from './node.ts'
export { personJoin } from './person.ts'
export { allianceRun, allianceRuns, runsCancel, runsWatch } from './runs.ts'
