// Runs an algorithm for some rounds in memory, for tests: the server's and the nodes' states go through their bytes after every round.
import type { Params } from '../../algebra/index.ts'
import { type Play, play } from '../play.test-support.ts'
import type { Trained } from '../update.ts'
import type { Algorithm } from '../strategy.ts'
import { type Rows, regression, regressionStart } from './regression.test-support.ts'

export interface Run<N, Site> {
  readonly rounds: number
  readonly sites: Readonly<Record<string, Site>>
  readonly start?: Params
  /** Sites of a round; default: all. */
  readonly cohort?: (round: number) => readonly string[]
  readonly between?: Play<unknown, N, Site>['between']
}

export interface Ran<S, N> {
  readonly state: S
  readonly locals: Readonly<Record<string, N>>
  readonly model: Float32Array
  /** The model after each round. */
  readonly models: readonly Float32Array[]
  readonly loss: number
}

export const train = async <S, N, Site = Rows>(it: Algorithm<S, N, Site>, run: Run<N, Site>): Promise<Ran<S, N>> => {
  const { rounds, sites, start = regressionStart, between } = run
  let state = it.init(start)
  let locals: Readonly<Record<string, N>> = Object.fromEntries(Object.keys(sites).map((id) => [id, it.local.init(start)]))
  const models: Float32Array[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const ids = run.cohort?.(round) ?? Object.keys(sites)
    const some = Object.fromEntries(ids.map((id) => [id, sites[id]!]))
    const { outcome, nodes } = await play({ program: it.program, state, sites: some, locals, round, ...(between && { between }) })
    if (outcome.kind !== 'committed') throw new Error([...outcome.refused].join('; '), { cause: outcome.error })
    state = it.stateCodec.decode(it.stateCodec.encode(outcome.state))
    const next = [...nodes].map(([id, each]) => [
      id,
      each.kind === 'pending' ? it.local.codec.decode(it.local.codec.encode(each.local)) : locals[id]!,
    ])
    locals = { ...locals, ...Object.fromEntries(next) }
    models.push(it.model(state).values)
  }
  return { state, locals, model: it.model(state).values, models, loss: it.loss(state) }
}

/** What each site makes of a model alone. */
export const trainedAlone = (sites: Readonly<Record<string, Rows>>, values = regressionStart.values): Promise<readonly Trained[]> =>
  Promise.all(Object.values(sites).map(async (site) => regression({ site } as never, { values, numbers: {}, vectors: {} })))
