// The nodes of a run in this process: a loop each, and the members that they are to the coordinator, over channels in memory that carry bytes.
import { memoryChannels, YimengError } from '../base/index.ts'
import { admit, type Journal, type Member, nodeLoop } from '../runtime/index.ts'
import { ANALYSE, preprocessingCodec, type RunStages, TRAIN } from '../tasks/index.ts'
import type { Prepared } from './prepare.ts'

/** Nodes that loop. */
export interface LocalNodes {
  readonly members: readonly Member[]
  /** Ends the loops and closes the channels. */
  readonly close: () => Promise<void>
}

/** Starts a node for each site and admits it. The nodes keep their states in the journal, each its own. */
export const startNodes = async (
  id: string,
  prepared: Prepared,
  journal: Journal,
  stages: RunStages,
  signal: AbortSignal,
): Promise<LocalNodes> => {
  const last = await Promise.all([ANALYSE, TRAIN].map((stage) => journal.checkpoint(id, stage)))
  const stop = new AbortController()
  const loops: Promise<void>[] = []
  const members: Member[] = []
  for (const site of prepared.sites) {
    const [here, there] = memoryChannels()
    loops.push(
      nodeLoop({
        id: site.name,
        run: id,
        specHash: prepared.specHash,
        trainRows: site.train.length,
        testRows: site.test.length,
        seed: prepared.seed,
        channel: there,
        store: journal.nodeStore(id, site.name),
        stage: (name, committed) => stages.site(name, prepared.dataset, site.train, () => committed(ANALYSE, preprocessingCodec)),
        signal: stop.signal,
      }),
    )
    const admission = {
      run: id,
      specHash: prepared.specHash,
      last: async (node: string) =>
        last.flatMap((kept) =>
          kept === undefined ? [] : [{ stage: kept.stage, round: kept.round, attempt: kept.attempt, counted: kept.counted.includes(node) }],
        ),
    }
    members.push(await admit(here, admission, signal))
  }
  return {
    members,
    close: async () => {
      await Promise.all(members.map((member) => member.control.send({ kind: 'finish' }).catch(() => undefined)))
      stop.abort(new YimengError({ code: 'node-stopped', cannot: 'go on', expected: 'a run', got: 'its end' }))
      await Promise.allSettled(loops)
      await Promise.all(members.map((member) => member.close()))
    },
  }
}
