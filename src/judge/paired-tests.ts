// Is one method better than another on the same seeds and test rows? Paired tests, corrected over the methods and sites that ask the same question. Pure.
import { YimengError } from '../base/index.ts'
import type { Evaluation } from '../simulation/index.ts'
import { predictedClasses } from './calibration.ts'
import type { PairTest, Scope } from './comparison.ts'
import { holm, type McNemar, mcnemarOf, pairedT, signedRank } from './statistics/index.ts'
import { evaluationsAt, isNumber, type MethodOutcomes } from './summary.ts'

const mcnemarBetween = (first: Evaluation, second: Evaluation): McNemar => {
  const same = first.labels.length === second.labels.length && first.labels.every((label, i) => label === second.labels[i])
  if (!same) {
    throw new YimengError({
      code: 'judge-rows',
      cannot: 'compare two methods row by row',
      expected: 'the same test rows in the same order',
      got: `${first.rows} and ${second.rows} rows with different labels`,
    })
  }
  return mcnemarOf(first.labels, predictedClasses(first), predictedClasses(second))
}

/**
 * Every federated method against every other kind and against the first federated one, on every set of test rows. `overlap` (test rows / train rows) corrects the t test where each seed draws its own split;
 * 0 with a fixed split.
 */
export const testsOf = (
  methods: readonly MethodOutcomes[],
  scopes: readonly Scope[],
  primary: string,
  overlap: number,
): readonly PairTest[] => {
  const federated = methods.filter(({ kind }) => kind === 'federated')
  const others = methods.filter(({ kind }) => kind !== 'federated')
  // the first federated method is the yardstick of the others
  const rivals = (method: MethodOutcomes) => [...others, ...federated.slice(0, 1).filter(({ name }) => name !== method.name)]
  const tests = scopes.flatMap(({ site, cells }) =>
    federated.flatMap((method) =>
      rivals(method).map((against): PairTest => {
        const values = (name: string) => cells[name]?.[primary]?.values ?? []
        // a seed counts where both are defined
        const pairs = values(method.name).flatMap((a, i) => {
          const b = values(against.name)[i]
          return isNumber(a) && isNumber(b) ? [[a, b] as const] : []
        })
        // a loss of a run that failed is infinite, and no difference then a number
        const finite = pairs.every((pair) => pair.every(Number.isFinite))
        const a = pairs.map(([x]) => x)
        const b = pairs.map(([, x]) => x)
        const mcnemar = method.outcomes.flatMap((outcome, i) => {
          const other = against.outcomes[i]
          const mine = evaluationsAt(outcome, site)
          const theirs = other === undefined ? [] : evaluationsAt(other, site)
          const [first, second] = [mine[0], theirs[0]]
          const comparable = mine.length === 1 && theirs.length === 1 && first?.confusion !== undefined
          return comparable && first !== undefined && second !== undefined ? [mcnemarBetween(first, second)] : []
        })
        const t = finite ? (pairedT(a, b, overlap) ?? null) : null
        return {
          site,
          method: method.name,
          against: against.name,
          t,
          rank: finite && a.length > 1 ? signedRank(a, b) : null,
          mcnemar,
          adjusted: null,
        }
      }),
    ),
  )
  const pOf = (one: PairTest) => one.t?.p ?? one.mcnemar[0]?.midP
  // four families: the question of the whole alliance must not pay for the questions of its many sites, nor a better method for the baselines beside it
  const families = new Map<string, PairTest[]>()
  for (const one of tests) {
    const family = `${one.site === null} ${federated.some(({ name }) => name === one.against)}`
    if (pOf(one) !== undefined) families.set(family, [...(families.get(family) ?? []), one])
  }
  const adjusted = new Map(
    [...families.values()].flatMap((family) => {
      const corrected = holm(family.map((one) => pOf(one) ?? 1))
      return family.map((one, i) => [one, corrected[i] ?? null] as const)
    }),
  )
  return tests.map((one) => ({ ...one, adjusted: adjusted.get(one) ?? null }))
}
