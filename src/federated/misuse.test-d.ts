// Misuses that the compiler must refuse, each beside the correct use. Checked by tsc: every @ts-expect-error has to be an error.
import { csprng, float64Codec, jsonCodec } from '../base/index.ts'
import { type Bounded, clip, gaussian, type Mechanism } from '../privacy/index.ts'
import {
  algorithm,
  type AtClients,
  type AtServer,
  boundedMean,
  byNode,
  chain,
  clipped,
  fedAvg,
  federatedRound,
  type LocalWork,
  masked,
  median,
  noised,
  plain,
  type Round,
  type RoundProgram,
  type SumProtocol,
  type Trained,
  transformed,
  type Update,
  updateCodec,
  weightedMean,
} from './index.ts'

declare const round: Round<number, number>
declare const theirs: AtClients<Update>
declare const mine: AtServer<Update>
declare const work: LocalWork<number>
declare const trained: Trained
const mean = weightedMean({ length: 1 })
const robust = median({ length: 1 })
const number = jsonCodec((value) => value as number)

// --- reading a client value at the server -------------------------------------------------------------------------------------------------------------------
// the correct use: aggregate it first
const meanOfTheirs = await round.aggregate(mean, plain(), theirs)
await round.atServer((result) => Float64Array.from(result.values), meanOfTheirs)
// @ts-expect-error a client value is no argument of the server's functions
await round.atServer((update) => update.values, theirs)
// @ts-expect-error nor beside one that lives there
await round.atServer((result, update: Update) => [result, update], meanOfTheirs, theirs)
// @ts-expect-error a client value has no readable inside
void theirs.values
// @ts-expect-error a client value is not a server value
void (theirs satisfies AtServer<Update>)
// @ts-expect-error nor the reverse
void (mine satisfies AtClients<Update>)
await round.broadcast(updateCodec, mine)
// @ts-expect-error what the server broadcasts is its own
await round.broadcast(updateCodec, theirs)
const honest: RoundProgram<Update> = async ({ local }, state) => ({ server: state, clients: local })
void honest
// @ts-expect-error a program cannot make a client value the server's next state
const leaking: RoundProgram<Update, Update> = async ({ local }) => ({ server: local, clients: local })
void leaking

// --- using an aggregate at the clients without broadcast ----------------------------------------------------------------------------------------------------
const count = await round.aggregate(byNode(number), plain(), await round.atClients((node) => node.site))
const size = await round.atServer((sites) => sites.size, count)
const told = await round.broadcast(number, size)
await round.atClients((node, sites) => node.site / sites, told)
// @ts-expect-error the aggregate lives at the server
await round.atClients((node, sites) => node.site / sites, size)
// @ts-expect-error and cannot be aggregated again
await round.aggregate(byNode(number), plain(), size)

// --- noise before clip --------------------------------------------------------------------------------------------------------------------------------------
const bound = clip(1)
const noise: Mechanism<Update> = gaussian(1)
const rng = csprng()
const strategy = fedAvg({ length: 1 })
transformed(strategy, chain(clipped(bound), noised(noise, rng)), mean)
// @ts-expect-error noise takes what clipping makes
transformed(strategy, chain(noised(noise, rng), clipped(bound)), mean)
noise.perturb(bound(trained), rng)
// @ts-expect-error an update has no bound before it is clipped
noise.perturb(trained, rng)

// --- noise without a bound, or with a forged one ------------------------------------------------------------------------------------------------------------
const bounded = boundedMean(bound, 1, { length: 1, cohort: 10 })
const clippedUpdates = await round.atClients((_, update) => bound(update), theirs)
const boundedResult = await round.aggregate(bounded, masked(), clippedUpdates)
await round.atServer((result) => gaussian(1).perturb(result, rng), boundedResult)
// @ts-expect-error a plain mean has no bound
await round.atServer((result) => gaussian(1).perturb(result, rng), meanOfTheirs)
// @ts-expect-error an object literal is no bound, whatever it claims
const forged: Bounded<Update> = { value: trained, l2: 1 }
void forged
// @ts-expect-error nor does a bounded mean take updates that nobody clipped
await round.aggregate(bounded, plain(), theirs)
// @ts-expect-error reproducible numbers are no secret ones
noise.perturb(bound(trained), { fill: () => undefined, uint32: () => 4, uniform: () => 0.5, integer: () => 4 })

// --- a median through a masked sum --------------------------------------------------------------------------------------------------------------------------
await round.aggregate(robust, plain(), theirs)
await round.aggregate(mean, masked(), theirs)
// @ts-expect-error a median needs single updates, and a masked sum shows none
await round.aggregate(robust, masked(), theirs)
// @ts-expect-error nor is a masked sum a protocol that carries anything
void (masked() satisfies SumProtocol<'any'>)
federatedRound({ ...strategy, fold: robust }, work, plain())
// @ts-expect-error the same, said by a strategy
federatedRound({ ...strategy, fold: robust }, work, masked())
algorithm(strategy, work, masked())
// @ts-expect-error and by an algorithm
algorithm({ ...strategy, fold: robust }, work, masked())

// --- and what must stay possible: the types of a program follow from its verbs ------------------------------------------------------------------------------
const numbers: AtServer<Float64Array> = await round.atServer((result) => Float64Array.from(result.values), meanOfTheirs)
void (await round.broadcast(float64Codec, numbers))
// @ts-expect-error a codec of another type
void (await round.broadcast(number, numbers))
