// Where a node keeps its own state: committed, and pending until it learns how its round ended.

/** A committed state and the round that made it. */
export interface CommittedState {
  readonly round: number
  readonly state: Uint8Array
}

/**
 * One node's states in one run, by stage. A state is written as pending before the node's part of the round ends, so that a commit that the node sleeps through can be
 * made good when it wakes: the coordinator tells it how its last round ended.
 */
export interface NodeStore {
  readonly committed: (stage: string) => Promise<CommittedState | undefined>
  /** What this attempt leaves once it has committed: its pending state, or the committed one. For an onlooker, who may come before the node has heard of the commit. */
  readonly after: (stage: string, round: number, attempt: number) => Promise<CommittedState | undefined>
  /** Replaces an older pending state. */
  readonly pend: (stage: string, round: number, attempt: number, state: Uint8Array) => Promise<void>
  /** The pending state of this very attempt, if there is one, becomes the committed one. */
  readonly commit: (stage: string, round: number, attempt: number) => Promise<void>
  /** Drops what is pending. */
  readonly discard: (stage: string) => Promise<void>
}

/** A store that lives as long as the process. */
export const memoryNodeStore = (): NodeStore => {
  const committed = new Map<string, CommittedState>()
  const pending = new Map<string, CommittedState & { readonly attempt: number }>()
  return {
    committed: async (stage) => committed.get(stage),
    after: async (stage, round, attempt) => {
      const kept = pending.get(stage)
      return kept?.round === round && kept.attempt === attempt ? kept : committed.get(stage)
    },
    pend: async (stage, round, attempt, state) => void pending.set(stage, { round, attempt, state }),
    commit: async (stage, round, attempt) => {
      const kept = pending.get(stage)
      if (kept?.round !== round || kept.attempt !== attempt) return
      committed.set(stage, { round, state: kept.state })
      pending.delete(stage)
    },
    discard: async (stage) => void pending.delete(stage),
  }
}
