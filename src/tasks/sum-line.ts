// From the line `sum` of a spec to the protocol, and which combinations could not keep what it promises.
import { YimengError } from '../base/index.ts'
import {
  encrypted,
  type HidingOptions,
  masked,
  neighboursIn,
  plain,
  sharesNeeded,
  type SumProtocol,
  TWO_THIRDS,
  withstands,
} from '../federated/index.ts'
import type { RunSpec } from './run-spec.ts'

/** Fewest sites of a sum that hides single updates: of two, each could subtract its own. */
export const SMALLEST_HIDDEN = 3
/** Most sites of an encrypted sum: what the room in its ciphertexts allows. */
const MOST_ENCRYPTED = 512

type SumLine = Pick<RunSpec, 'sum' | 'encryption' | 'neighbours'>

/** What a party asks of a sum that hides its contribution; of `smallestCohort`, {@link SMALLEST_HIDDEN} at least. */
export type Hiding = { readonly [K in 'identity' | 'smallestCohort' | 'opened']?: HidingOptions[K] | undefined }

/** The sum of round 0’s statistics. Their sums need no dealer, so that `encryption: paillier` has them under CKKS. */
export const statisticsSumOf = (
  { sum, neighbours }: Pick<RunSpec, 'sum' | 'neighbours'>,
  { identity, smallestCohort = SMALLEST_HIDDEN, opened }: Hiding = {},
): SumProtocol<'linear'> | SumProtocol<'any'> => {
  const options = {
    smallestCohort: Math.max(SMALLEST_HIDDEN, smallestCohort),
    ...(identity === undefined ? {} : { identity }),
    ...(opened === undefined ? {} : { opened }),
  }
  return { plain, masked: () => masked({ ...options, neighbours }), encrypted: () => encrypted(options) }[sum]()
}

/**
 * The sum protocol of a spec.
 *
 * @throws YimengError `sum-dealer` for Paillier: whoever deals its key could open every update, and sites on their own machines have nobody for it. In one process the simulation deals.
 */
export const sumOf = ({ encryption, ...line }: SumLine, hiding?: Hiding): SumProtocol<'linear'> | SumProtocol<'any'> => {
  if (line.sum === 'encrypted' && encryption === 'paillier')
    throw new YimengError({
      code: 'sum-dealer',
      cannot: 'add up under Paillier',
      expected: 'encryption: ckks, which needs nobody to deal keys',
      got: 'sites without a dealer that all of them trust',
      where: { field: 'encryption' },
    })
  return statisticsSumOf(line, hiding)
}

/** Where no graph over the sites of a round withstands what the line `neighbours` asks for, and what would do instead. */
const graphIssues = (
  { neighbours }: Pick<RunSpec, 'neighbours'>,
  cohort: number | undefined,
): readonly (readonly [boolean, string, string])[] => {
  if (neighbours === undefined || cohort === undefined) return []
  const needed = sharesNeeded(cohort, TWO_THIRDS)
  return [
    [
      !withstands(cohort, neighbours, TWO_THIRDS),
      'neighbours',
      `smaller shares, or more sites in a round: of ${cohort} sites ${needed} can open a secret, and as many must stay`,
    ],
    [
      !neighboursIn(cohort, { neighbours }).held,
      'neighbours',
      'smaller shares, or at most 255 sites in a round: a secret has room for no more holders',
    ],
  ]
}

/** What a sum hides single updates with. */
const cover = { masked: 'masks', encrypted: 'encryption' } as const

/**
 * Combinations with this line that could not keep what it promises: `[broken, path, what would do instead and why]`.
 *
 * @param who - the strategy, with what it is combined with
 * @param linear - whether it takes no more than the sum of updates
 * @param groups - whether it takes the sums of groups of sites
 */
export const sumIssues = (
  { sum, encryption, neighbours, cohort: { quorum } }: SumLine & Pick<RunSpec, 'cohort'>,
  {
    who,
    linear,
    groups,
    cohort,
  }: { readonly who: string; readonly linear: boolean; readonly groups: boolean; readonly cohort: number | undefined },
): readonly (readonly [boolean, string, string])[] => {
  const strays = [
    [encryption !== undefined && sum !== 'encrypted', 'encryption', 'nothing, or sum: encrypted'],
    [neighbours !== undefined && sum !== 'masked', 'neighbours', 'nothing, or sum: masked'],
  ] as const
  if (sum === 'plain') return strays
  const apart = 'of two, each could subtract its own update from the sum'
  return [
    ...strays,
    ...graphIssues({ neighbours }, cohort),
    [groups, 'sum', `plain: ${who} adds up groups of sites, and one that is alone in its group would not be hidden`],
    [!linear && !groups, 'sum', `plain: ${who} needs each site’s own update, which ${cover[sum]} ${sum === 'masked' ? 'hide' : 'hides'}`],
    [(cohort ?? SMALLEST_HIDDEN) < SMALLEST_HIDDEN, 'sum', `plain, or at least ${SMALLEST_HIDDEN} sites in a round: ${apart}`],
    [(quorum ?? SMALLEST_HIDDEN) < SMALLEST_HIDDEN, 'cohort.quorum', `at least ${SMALLEST_HIDDEN} with ${cover[sum]}: ${apart}`],
    [
      sum === 'encrypted' && (cohort ?? 0) > MOST_ENCRYPTED,
      'sum',
      `masked, or at most ${MOST_ENCRYPTED} sites in a round: ciphertexts have room for no more`,
    ],
  ]
}
