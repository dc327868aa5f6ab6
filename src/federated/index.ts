export type { Aggregation, How, Linear, LinearAggregation } from './aggregation.ts'
export type { AllAt, At, AtClients, AtServer, NodeId } from './placement.ts'
export type { Awaitable, NodeContext, Round, RoundProgram } from './round.ts'
export type { Cohort, Collected, SumProtocol } from './sum-protocol.ts'
