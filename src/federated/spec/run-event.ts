// What happens in a run, in one vocabulary: the journal stores these, logs, command line and tests read them. Times are ISO 8601 of the coordinator's clock.
import type { DpEvent, Unit } from '../../privacy/index.ts'
import type { NodeId } from '../placement.ts'

/** Common to all events. */
interface Stamp {
  readonly run: string
  readonly at: string
}

/** Measures of a model on test rows, by name (`loss`, `accuracy`, `auc`, …): plain numbers, so that every room can carry them. NaN is null. */
export type Measures = Readonly<Record<string, number | null>>

export type RunEvent = Stamp &
  (
    | {
        readonly kind: 'runStarted'
        readonly task: string
        readonly specHash: string
        readonly sites: readonly NodeId[]
        readonly rounds: number
        /** Last committed round of the attempt that this one continues; absent for a new run. */
        readonly resumedAfter?: number
      }
    /** A site has loaded its rows. */
    | { readonly kind: 'siteReady'; readonly site: NodeId; readonly trainRows: number; readonly testRows: number }
    /** The line to a site's node is gone in the middle of the run: rounds go on without it where a quorum allows. */
    | { readonly kind: 'siteLost'; readonly site: NodeId }
    /** A lost site's node was heard again, and has been told to reconnect; `siteReady` follows when it has. */
    | { readonly kind: 'siteCalled'; readonly site: NodeId }
    /** Sums over all sites (mean, variance, levels …) have been taken in round 0, without pooling rows. Training rounds follow from 1. */
    | { readonly kind: 'analysed'; readonly columns: number }
    /** Written before anything of this attempt leaves: what it costs the sites that were chosen for it. An aborted attempt stays charged. */
    | {
        readonly kind: 'budgetCharged'
        readonly round: number
        readonly attempt: number
        readonly unit: Unit
        /** Whose ledgers are charged. */
        readonly sites: readonly NodeId[]
        readonly event: DpEvent
        /** ε of everything charged to the site that has spent most, this attempt included, at `delta`. */
        readonly epsilon: number
        readonly delta: number
      }
    /** The run ends after `round`, because one more would cost a chosen site `next` > the budget's ε; `epsilon` is what that site has spent. */
    | { readonly kind: 'budgetSpent'; readonly round: number; readonly epsilon: number; readonly next: number; readonly delta: number }
    | { readonly kind: 'roundStarted'; readonly round: number; readonly attempt: number; readonly cohort: readonly NodeId[] }
    | {
        readonly kind: 'roundCommitted'
        readonly round: number
        readonly attempt: number
        /** Sites whose update is in the model. */
        readonly counted: readonly NodeId[]
        /** Sites whose update was not counted, with the cause. Absent: none. */
        readonly refused?: Readonly<Record<NodeId, string>>
        /** Mean training loss over the counted sites' steps, weighted by rows; null when it is not known, and in round 0. */
        readonly trainLoss: number | null
        /** Bytes of this round at the coordinator's channels, frames included. Up: from sites. */
        readonly bytesUp: number
        readonly bytesDown: number
        readonly seconds: number
      }
    /** The round's training loss is the lowest so far, and its model is kept. */
    | { readonly kind: 'improved'; readonly round: number }
    /** The run ends after `round`, because the training loss has got no lower since `best`. */
    | { readonly kind: 'stoppedEarly'; readonly round: number; readonly best: number }
    | { readonly kind: 'roundAborted'; readonly round: number; readonly attempt: number; readonly cause: string; readonly site?: NodeId }
    | {
        readonly kind: 'evaluated'
        readonly round: number
        readonly pooled: Measures
        readonly sites: Readonly<Record<NodeId, Measures>>
        /** The same rows, each by its site's own model, where sites have one. */
        readonly personal?: { readonly pooled: Measures; readonly sites: Readonly<Record<NodeId, Measures>> }
      }
    /** What each site of a committed round added to it, by the method that the spec names. */
    | {
        readonly kind: 'contributed'
        readonly round: number
        readonly shares: Readonly<Record<NodeId, number>>
        /** Models that were measured for it. */
        readonly evaluations: number
      }
    | {
        readonly kind: 'runFinished'
        readonly rounds: number
        readonly modelHash: string
        readonly metrics: Measures
        readonly bytesUp: number
        readonly bytesDown: number
        readonly seconds: number
      }
    | { readonly kind: 'runFailed'; readonly code: string; readonly message: string; readonly round?: number; readonly site?: NodeId }
    /** Stopped on request; can be resumed after `round`. */
    | { readonly kind: 'runCancelled'; readonly round: number }
  )

/** The event of one kind. */
export type RunEventOf<K extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: K }>
