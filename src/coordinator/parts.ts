// What the routes of a coordinator share.
import type { RunSpecInput } from '../tasks/index.ts'
import type { Machine, Journal } from '../runtime/index.ts'
import type { AllianceRun } from './alliance-run.ts'
import type { Authority } from './authority.ts'
import type { Bell } from './bell.ts'
import type { Deliveries } from './deliveries.ts'
import type { NodeState } from './node-states.ts'
import type { Registry } from './registry.ts'

/** When a site's node was heard last, and what it told then. */
export interface Presence {
  readonly seenAt: number
  readonly machine: Machine
}

/** The parts of a coordinator. */
export interface Parts {
  readonly registry: Registry
  readonly authority: Authority
  readonly journal: Journal
  readonly present: Map<string, Presence>
  /** Runs that are being worked on, and those that ended lately. */
  readonly runs: ReadonlyMap<string, AllianceRun>
  /** Rings when there is work. */
  readonly work: Bell
  readonly begin: (spec: RunSpecInput, sites?: readonly string[]) => Promise<AllianceRun>
  readonly nodes: () => Promise<readonly NodeState[]>
  readonly deliveries: Deliveries
}

/** The run that a path names. */
export const runParameter = (request: { readonly params: unknown }): string => (request.params as { readonly run: string }).run
