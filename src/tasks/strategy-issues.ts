// What of a spec's strategy, cohort and schedule cannot work together: told when the spec is read, where it would otherwise fail in some round.
import { needsTold } from './cohort-choice.ts'
import { witnessable } from './contribution.ts'
import { cohortOf } from './protection.ts'
import type { RunSpec } from './run-spec.ts'
import { isWhole } from './strategy-of.ts'

/** A combination that is refused: where, and what would do instead and why. */
export interface StrategyIssue {
  readonly path: string
  readonly expected: string
}

type Names = readonly string[]

/** Strategies that need to know how far a gradient moved the model. */
const needSgd: readonly RunSpec['strategy']['name'][] = ['scaffold', 'qfedavg']
/** Strategies whose sites keep a part of the model. */
const keepParts: readonly RunSpec['strategy']['name'][] = ['fedper', 'fedbn', 'fedrep', 'ditto', 'ifca', 'hierarchical']

/** Fewest sites that bear the liars a robust fold is told of (Blanchard et al. 2017, El Mhamdi et al. 2018). */
const fewest = (strategy: RunSpec['strategy']): number =>
  strategy.name === 'krum' ? 2 * strategy.liars + 3 : strategy.name === 'bulyan' ? 4 * strategy.liars + 3 : 0

/** Combinations that cannot work, as far as the spec alone tells. */
export const strategyIssues = (spec: RunSpec): readonly StrategyIssue[] => {
  const { strategy, cohort, schedule, sum, privacy, local, stopping, contribution, compression } = spec
  const sites = cohortOf(spec)
  const all = 'sites' in spec.partition ? spec.partition.sites : Number.POSITIVE_INFINITY
  const buffered = schedule !== 'sync'
  const asynchronous = strategy.name === 'fedbuff' || strategy.name === 'fedasync'
  const rules: readonly (readonly [broken: boolean, path: string, expected: string])[] = [
    [asynchronous && !buffered, 'schedule', `kind: buffered, for ${strategy.name}`],
    [buffered && !asynchronous, 'strategy.name', 'fedbuff or fedasync, for a buffered schedule'],
    [buffered && schedule.size > all, 'schedule.size', `at most ${all}, the number of sites`],
    [
      buffered && (cohort.choose.kind !== 'uniform' || cohort.extra > 0),
      'cohort',
      'neither choose nor extra: a buffered schedule tells who is next',
    ],
    [isWhole(spec) && privacy !== 'none', 'privacy', `none: noise is not planned for ${asynchronous ? strategy.name : 'powerSgd'}`],
    [needsTold(spec) && sum !== 'plain', 'sum', `plain: ${cohort.choose.kind} needs each site’s loss`],
    [needsTold(spec) && (privacy !== 'none' || isWhole(spec)), 'cohort.choose.kind', 'a choice that needs no losses'],
    [cohort.extra > 0 && sum !== 'plain', 'cohort.extra', '0: a masked sum cannot do without those that come last'],
    [
      needSgd.includes(strategy.name) && local.optimiser.name !== 'sgd',
      'local.optimiser.name',
      `sgd, for ${strategy.name}: it must know how far a gradient moves the model`,
    ],
    [
      sites !== undefined && sites < fewest(strategy),
      'strategy.liars',
      `fewer: of ${sites} sites, ${strategy.name} bears at most ${bearable(strategy.name, sites ?? 0)}`,
    ],
    [
      strategy.name === 'krum' && sites !== undefined && strategy.keep > sites - strategy.liars,
      'strategy.keep',
      'at most the sites that do not lie',
    ],
    [
      strategy.name === 'fltrust' && cohort.size !== undefined && 'sites' in spec.partition && cohort.size < spec.partition.sites,
      'cohort.size',
      'all sites: the trusted one takes part in each round',
    ],
    [contribution !== undefined && sum !== 'plain', 'sum', 'plain: contribution needs each site’s update'],
    [contribution !== undefined && privacy !== 'none', 'contribution', 'none under differential privacy: it tells of single sites'],
    [
      contribution !== undefined && (compression.kind !== 'none' || !witnessable.includes(strategy.name)),
      'contribution',
      `none, or one of ${witnessable.join(', ')} without compression: other updates are no models`,
    ],
    [
      contribution?.kind === 'shapley' && (sites ?? 0) > 10,
      'contribution.kind',
      'gtg or truncatedMonteCarlo: exact Shapley values are for up to ten sites in a round',
    ],
    [
      stopping.keep === 'best' && keepParts.includes(strategy.name),
      'stopping.keep',
      `last: with ${strategy.name} sites keep their part of the last round`,
    ],
  ]
  return rules.flatMap(([broken, path, expected]) => (broken ? [{ path, expected }] : []))
}

const bearable = (name: string, sites: number): number => Math.max(0, Math.floor((sites - 3) / (name === 'krum' ? 2 : 4)))

/** Names of sites in the spec that none of `names` is. */
export const nameIssues = ({ strategy, attack }: RunSpec, names: Names): readonly StrategyIssue[] => {
  const known = new Set(names)
  const shown = names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ')
  const unknown = (path: string, given: Names): readonly StrategyIssue[] =>
    given.every((name) => known.has(name)) ? [] : [{ path, expected: `sites among ${shown}` }]
  const missing = (path: string, given: Names): readonly StrategyIssue[] =>
    names.every((name) => given.includes(name)) ? [] : [{ path, expected: `a region for each of ${shown}` }]
  return [
    ...(strategy.name === 'fltrust' ? unknown('strategy.trusted', [strategy.trusted]) : []),
    ...(strategy.name === 'cyclic' ? unknown('strategy.order', strategy.order) : []),
    ...(strategy.name === 'hierarchical' ? missing('strategy.regions', Object.keys(strategy.regions)) : []),
    ...(attack.kind === 'none' ? [] : unknown('attack.sites', attack.sites)),
  ]
}
