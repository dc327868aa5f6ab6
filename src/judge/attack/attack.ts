// The attack self-test of a run: the attacks of the literature, played on the run's own model and on updates like those that its sites sent, with and without protection. It needs the rows
// themselves, to know what is right: it works where they are, for whoever may see them, and its report shows some of them.
import { seed as rootSeed, csprng, type Seed, YimengError } from '../../base/index.ts'
import type { Batchable, Engine } from '../../learn/index.ts'
import { lossGradients } from '../../learn/engines/reference/index.ts'
import { clip, type DpEvent, gaussian, plan } from '../../privacy/index.ts'
import { modelOf, run, showRun } from '../../simulation/index.ts'
import {
  type DealtSite,
  dealSites,
  initialSeed,
  type Learner,
  learnerOf,
  modelContent,
  prepareRows,
  protectedStrategy,
  type RunSpec,
  runSpecSchema,
  type TaskData,
  type TrainedModel,
  taskOf,
} from '../../tasks/index.ts'
import { engineOf } from '../../tasks/node.ts'
import { type RealUpdates, realUpdates } from './real-updates.ts'
import { byDivision, correlation, invert, type Rebuilt, type Seen } from './inversion.ts'
import { confidences, type Membership, membership, shadowConfidences } from './membership.ts'

/** Who sees what of an update: all of it; the sum over a cohort; all of it, clipped and with noise. */
export type View = 'plain' | 'sum' | 'noised'
export const views: readonly View[] = ['plain', 'sum', 'noised']

/** A row and what came of it. Prepared inputs, flat. */
export interface Sample {
  readonly site: string
  readonly original: Float64Array
  readonly rebuilt: Readonly<Record<View, Float64Array>>
  readonly correlations: Readonly<Record<View, number>>
}

/** Inversion of updates of a single row. */
export interface Inversion {
  readonly how: Rebuilt['how']
  /** Of a row as the model takes it. */
  readonly shape: readonly number[]
  readonly samples: readonly Sample[]
  readonly noise: { readonly epsilon: number; readonly delta: number; readonly multiplier: number; readonly clip: number }
  /** What the run's coordinator had. */
  readonly own: View
  /** What comes of whole updates; absent where rows are not rebuilt by division. */
  readonly updates?: RealUpdates
}

/** A model under attack. */
export interface Attacked {
  readonly name: 'run' | 'twin'
  readonly privacy: RunSpec['privacy']
  readonly found: Membership
}

/** What `yimeng attack` says. */
export interface AttackReport {
  readonly format: 'yimeng-attack/1'
  readonly run: string
  readonly task: string
  readonly sum: RunSpec['sum']
  /** Or why there was none. */
  readonly inversion: Inversion | 'features' | 'number'
  readonly membership: { readonly members: number; readonly others: number; readonly shadows: number; readonly models: readonly Attacked[] }
}

/** How much is tried. */
export interface AttackOptions {
  /** Rows to rebuild, of different sites in turns. Default 6; 1 where they are rebuilt by matching, which takes long. */
  readonly rows?: number
  /** Steps of matching. Default 60. */
  readonly steps?: number
  /** Shadow models, an even number. Default 8. */
  readonly shadows?: number
  /** ε of the noise that is tried beside a run without any. Default 8. */
  readonly epsilon?: number
  readonly home?: string
  readonly signal?: AbortSignal
}

const DELTA = 1e-5
/** Most rows of each kind that membership is asked about. */
const MOST_CANDIDATES = 1500

/** Noise multiplier in an event, however it is sampled and repeated. */
const multiplierOf = (event: DpEvent): number =>
  'noiseMultiplier' in event ? event.noiseMultiplier : 'event' in event ? multiplierOf(event.event) : Number.NaN

/** The noise of a run, or of one like it that keeps to `epsilon`. */
const noiseOf = (spec: RunSpec, size: number, epsilon: number): Inversion['noise'] => {
  const { privacy } = spec
  if (privacy === 'none')
    return { epsilon, delta: DELTA, clip: 1, multiplier: plan({ epsilon, delta: DELTA, rounds: spec.rounds }).noiseMultiplier }
  const { cost } = protectedStrategy(spec, { entries: [{ name: 'all', shape: [size], offset: 0, size }], size })
  const multiplier = cost === undefined ? Number.NaN : multiplierOf(cost.event)
  return { epsilon: privacy.epsilon, delta: privacy.delta, clip: privacy.clip, multiplier }
}

const ownView = ({ sum, privacy }: RunSpec): View =>
  sum !== 'plain' ? 'sum' : privacy !== 'none' && ['local', 'dp-sgd'].includes(privacy.noise) ? 'noised' : 'plain'

const rowOf = ({ inputs, targets, rows }: Batchable, row: number) => {
  const [width, targetWidth] = [inputs.length / rows, targets.length / rows]
  return {
    input: Float64Array.from(inputs.subarray(row * width, (row + 1) * width)),
    target: Float64Array.from(targets.subarray(row * targetWidth, (row + 1) * targetWidth)),
  }
}

interface Prepared {
  readonly spec: RunSpec
  readonly content: ReturnType<typeof modelContent>
  readonly seed: Seed
  readonly dataset: TaskData
  readonly dealt: readonly DealtSite[]
  /** Each site's training rows, by its name. */
  readonly sites: readonly { readonly name: string; readonly train: Batchable }[]
}

/** What the run trained, with the loss as it stands: shifted losses, balanced and changed batches are a site's own affair. */
const plainLearner = ({ spec: { model, local }, content }: Prepared): Learner =>
  learnerOf({ model, local: { ...local, loss: { kind: 'plain' }, sampling: 'shuffled', augment: [] } }, content.preprocessing)

/** A random part of some rows, if they are too many. */
const some = (rows: Uint32Array, what: string, seed: Seed): Uint32Array =>
  rows.length <= MOST_CANDIDATES
    ? rows
    : seed
        .split('candidates')
        .split(what)
        .random()
        .permutation(rows.length)
        .slice(0, MOST_CANDIDATES)
        .map((i) => rows[i]!)

/** Updates of one row each, as of the first round, and what comes of them in each view. */
const inversionOf = (prepared: Prepared, options: AttackOptions): AttackReport['inversion'] => {
  const { spec, content, seed, sites } = prepared
  const { model, classes } = content
  const [first] = sites
  const width = model.input.reduce((product, length) => product * length, 1)
  if (first === undefined || first.train.inputs.length / first.train.rows !== width) return 'features'
  const parameters = Float64Array.from(model.init(initialSeed(seed)).values)
  const { loss } = plainLearner(prepared)
  const differentiate = lossGradients(model, loss, { rows: 1, target: first.train.targetShape })
  const seen: Seen = { model, parameters, differentiate }
  const divides = byDivision(model, parameters) !== undefined
  if (!divides && classes === undefined) return 'number'
  const outputs = model.output.reduce((product, length) => product * length, 1)
  const matching = {
    outputs,
    classes: classes !== undefined,
    steps: options.steps ?? 60,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }
  const noise = noiseOf(spec, model.layout.size, options.epsilon ?? 8)
  const bound = clip(noise.clip)
  const mechanism = gaussian<{ readonly values: Float32Array }>(noise.multiplier)
  const random = seed.split('attack').random()
  const count = options.rows ?? (divides ? 6 : 1)
  // one row of every site in each turn: a cohort whose sites all send at once
  const samples: Sample[] = []
  for (let turn = 0; samples.length < count; turn += 1) {
    const sent = sites.map(({ name, train }) => {
      const { input, target } = rowOf(train, random.integer(train.rows))
      return { name, input, gradient: differentiate(parameters, input, target).parameters }
    })
    const sum = parameters.map((_, i) => sent.reduce((total, { gradient }) => total + gradient[i]!, 0))
    for (const { name, input, gradient } of sent.slice(0, count - samples.length)) {
      const noised = mechanism.perturb(bound({ values: Float32Array.from(gradient) }), csprng()).values
      const seenIn: Readonly<Record<View, Float64Array>> = { plain: gradient, sum, noised: Float64Array.from(noised) }
      const rebuilt = Object.fromEntries(views.map((view) => [view, invert(seen, seenIn[view], matching).values])) as Record<
        View,
        Float64Array
      >
      const correlations = Object.fromEntries(views.map((view) => [view, correlation(rebuilt[view], input)])) as Record<View, number>
      samples.push({ site: name, original: input, rebuilt, correlations })
    }
  }
  return { how: divides ? 'division' : 'matching', shape: model.input, samples, noise, own: ownView(spec) }
}

/** A run like this one with the protection that it has not: without noise if it has some, else with noise in every step of training. */
const twinOf = (spec: RunSpec, sites: Prepared['sites'], epsilon: number): RunSpec['privacy'] => {
  if (spec.privacy !== 'none') return 'none'
  const rows = sites.reduce((total, { train }) => total + train.rows, 0) / sites.length
  const sampleRate = Math.min(1, spec.local.batch / rows)
  return { noise: 'dp-sgd', epsilon, delta: DELTA, clip: 1, sampleRate, statisticsShare: 0.1, colluding: 0 }
}

/** Times that a run looked at each training row. */
const passesOf = ({ spec, sites, dealt }: Prepared): number => {
  const { epochs = 1, steps, batch } = spec.local
  const rows = dealt.reduce((total, { train }) => total + train.length, 0)
  const share = Math.min(1, (spec.cohort.size ?? sites.length) / sites.length)
  return Math.max(1, Math.round(spec.rounds * share * (steps === undefined ? epochs : (steps * batch * sites.length) / rows)))
}

/** The run's model and its twin's before both attacks. */
const membershipOf = async (
  prepared: Prepared,
  model: TrainedModel,
  engine: Engine,
  options: AttackOptions,
): Promise<AttackReport['membership']> => {
  const { spec, content, seed, sites, dataset, dealt } = prepared
  const all = (part: 'train' | 'test') => some(Uint32Array.from(dealt.flatMap((site) => [...site[part]])), part, seed)
  const [inside, outside] = [all('train'), all('test')]
  if (inside.length < 2 || outside.length < 2)
    throw new YimengError({
      code: 'attack-rows',
      cannot: 'attack run',
      expected: 'training and test rows',
      got: `${inside.length} and ${outside.length}`,
    })
  const rows = await prepareRows(content.preprocessing, dataset, Uint32Array.of(...inside, ...outside))
  const candidates = { rows, members: inside.length }
  const { shadows = 8, signal } = options
  const learner = plainLearner(prepared)
  const predictor = await engine.predictor(learner.model, learner.head)
  const made = await shadowConfidences(candidates, {
    shadows,
    trainer: await engine.trainer(learner.model, learner.loss, learner.optimiser),
    predictor,
    kind: learner.head,
    start: learner.model.init,
    batch: spec.local.batch,
    learningRate: spec.local.optimiser.learningRate,
    passes: passesOf(prepared),
    seed: seed.split('shadows'),
    ...(signal === undefined ? {} : { signal }),
  })
  const attacked = async (name: Attacked['name'], privacy: RunSpec['privacy'], { bytes }: TrainedModel): Promise<Attacked> => {
    const outputs = await predictor.predict(modelContent(bytes).params, rows.inputs, rows.rows)
    return { name, privacy, found: membership(confidences(outputs, rows, learner.head), candidates, made) }
  }
  const privacy = twinOf(spec, sites, options.epsilon ?? 8)
  const twin = await trained({ ...spec, privacy, evaluate: { every: 0 } }, signal)
  const models = [await attacked('run', spec.privacy, model), ...(twin === undefined ? [] : [await attacked('twin', privacy, twin)])]
  return { members: inside.length, others: outside.length, shadows, models }
}

/** The inversion with what comes of whole updates beside it. */
const withUpdates = async (
  inversion: AttackReport['inversion'],
  prepared: Prepared,
  engine: Engine,
  signal: AbortSignal,
): Promise<AttackReport['inversion']> => {
  if (typeof inversion === 'string' || inversion.how !== 'division') return inversion
  const { model, loss, optimiser } = plainLearner(prepared)
  const { spec, sites, seed } = prepared
  const updates = await realUpdates(model, await engine.trainer(model, loss, optimiser), spec.local, sites, seed, signal)
  return updates === undefined ? inversion : { ...inversion, updates }
}

/** The twin's model; undefined where its protection does not go with the rest of the spec. */
const trained = async (spec: RunSpec, signal: AbortSignal | undefined): Promise<TrainedModel | undefined> => {
  try {
    return (await run(spec, { home: null, ...(signal === undefined ? {} : { signal }) })).model
  } catch (error) {
    if (error instanceof YimengError && error.code === 'spec-value') return undefined
    throw error
  }
}

/**
 * Attacks a finished run. Its rows must be here, and the caller's to see.
 *
 * @param name - the run's name, or its beginning
 * @throws YimengError `run-unknown`, `run-ambiguous`, `run-unfinished`; `attack-rows` where there is nothing to compare with; as `run` does for data that cannot be used; the signal's reason.
 */
export const attack = async (name: string, options: AttackOptions = {}): Promise<AttackReport> => {
  const home = options.home === undefined ? {} : { home: options.home }
  const [record, model] = [await showRun(name, home), await modelOf(name, home)]
  const spec = runSpecSchema.parse(record.spec)
  const content = modelContent(model.bytes)
  const seed = rootSeed(spec.seed)
  const dataset = await taskOf(spec.task).load()
  const dealt = dealSites(dataset, spec, seed).filter(({ train }) => train.length > 0)
  const sites = await Promise.all(
    dealt.map(async ({ name: site, train }) => ({
      name: site,
      train: await prepareRows(content.preprocessing, dataset, some(train, site, seed)),
    })),
  )
  const prepared = { spec, content, seed, dataset, dealt, sites }
  const engine = engineOf(spec.engine)
  try {
    const signal = options.signal ?? new AbortController().signal
    return {
      format: 'yimeng-attack/1',
      run: record.runId,
      task: record.task,
      sum: spec.sum,
      inversion: await withUpdates(inversionOf(prepared, options), prepared, engine, signal),
      membership: await membershipOf(prepared, model, engine, options),
    }
  } finally {
    await engine.close()
  }
}
