// The line of a summary on who masks with whom, where that is not everybody with everybody.
import { neighboursIn, type Risk, usualRisk } from '../federated/index.ts'
import { cohortOf, type ProtectedParts } from './protection.ts'
import type { Language } from './spec-issues.ts'

/** Who masks with whom in a run: with as few as withstand `risk`. */
export interface SparseMasks {
  readonly risk: Risk
  /** Sites in a round, and neighbours of each; absent where the spec does not tell how many sites there will be. */
  readonly of?: { readonly sites: number; readonly neighbours: number }
}

type Parts = Pick<ProtectedParts, 'sum' | 'neighbours' | 'cohort' | 'partition'>

/** The neighbourhoods of a run's masks; undefined without masks, and where all of a round are neighbours whatever comes. `sites` in a round: as far as the spec tells, unless told. */
export const sparseMasks = (spec: Parts, sites = cohortOf(spec)): SparseMasks | undefined => {
  if (spec.sum !== 'masked') return undefined
  const risk = spec.neighbours ?? usualRisk(sites ?? 0)
  if (risk === 'all') return undefined
  if (sites === undefined) return { risk }
  const { count } = neighboursIn(sites, { neighbours: risk })
  return count >= sites - 1 ? undefined : { risk, of: { sites, neighbours: count } }
}

interface Words {
  readonly counted: (neighbours: number, sites: number) => string
  readonly few: string
  readonly line: (who: string, corrupt: string, dropouts: string) => string
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    counted: (neighbours, sites) => `each site masks with ${neighbours} of ${sites} sites`,
    few: 'in large cohorts each site masks with some others only',
    line: (who, corrupt, dropouts) =>
      `neighbours: ${who} — holds while up to ${corrupt} of them tell the coordinator all they know and up to ${dropouts} are lost`,
  },
  'zh-CN': {
    counted: (neighbours, sites) => `${sites} 个站点中，每个站点与 ${neighbours} 个互加掩码`,
    few: '站点很多时，每个站点只与其中一部分互加掩码',
    line: (who, corrupt, dropouts) => `neighbours: ${who} —— 至多 ${corrupt} 的站点向协调方泄密、${dropouts} 的站点掉线时仍然成立`,
  },
  'zh-TW': {
    counted: (neighbours, sites) => `${sites} 個站點中，每個站點與 ${neighbours} 個互加遮罩`,
    few: '站點很多時，每個站點只與其中一部分互加遮罩',
    line: (who, corrupt, dropouts) => `neighbours: ${who} —— 至多 ${corrupt} 的站點向協調方洩密、${dropouts} 的站點斷線時仍然成立`,
  },
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`

/**
 * Who masks with whom, in a line; undefined where there is nothing to say.
 *
 * @example
 * ```ts
 * const sites = (count: number) => resolveSpec({ task: 'iris', sum: 'masked', neighbours: {}, cohort: { size: count }, partition: { kind: 'iid', sites: count } })
 * assert.match(neighboursLine(sites(100), 'en') ?? '', /^neighbours: each site masks with 32 of 100 sites — holds while up to 20 % of them/)
 * assert.equal(neighboursLine(sites(10), 'en'), undefined)
 * ```
 */
export const neighboursLine = (spec: Parts, language: Language): string | undefined => {
  const masks = sparseMasks(spec)
  if (masks === undefined) return undefined
  const { counted, few, line } = words[language]
  const who = masks.of === undefined ? few : counted(masks.of.neighbours, masks.of.sites)
  return line(who, percent(masks.risk.corrupt), percent(masks.risk.dropouts))
}
