// Tuning: grid or random search over values of the spec, with successive halving; every method gets the same number of trials and of rounds, on rows and a seed that no
// comparison of the same spec uses; over several seeds by their mean. Sources: Bergstra and Bengio (2012) for random search; Jamieson and Talwalkar (2016) for successive halving.
import { availableParallelism } from 'node:os'
import { YimengError } from '../base/index.ts'
import { type RunSpec, type RunSpecInput, resolveSpec, taskOf, withOverrides } from '../tasks/index.ts'
import { primaryValue } from './compare.ts'
import { lessIsBetter } from './comparison.ts'
import { type Failure, failureOf } from './failure.ts'
import { inParallel } from './in-parallel.ts'
import { type NamedMethod, strategyNames } from './method-named.ts'
import { readOnce } from './read-once.ts'
import { tuningTask } from './tuning-rows.ts'
import { sampled, type Settings, setsOf, settingsOf, type Varied, varyFault } from './varied.ts'

/** One setting of one method and how it did. */
export interface Trial {
  readonly method: string
  /** By full path of the spec. */
  readonly settings: Settings
  /** What it reached with how many rounds, rung by rung, mean over the seeds; null, and why, where training failed on some. A trial that was dropped has fewer rungs than one that was not. */
  readonly rungs: readonly { readonly rounds: number; readonly value: number | null; readonly failure?: Failure }[]
}

/** What a sweep found. */
export interface Sweep {
  readonly format: 'yimeng-sweep/1'
  readonly task: string
  /** What was tuned on. */
  readonly seeds: readonly number[]
  readonly measure: string
  /** Rounds of all trials of a method on all seeds together: the same for every method. */
  readonly budget: number
  /** By method, the best first. */
  readonly trials: readonly Trial[]
  /** The best of each method as `--methods` takes it, and as values of `--set`. */
  readonly best: readonly {
    readonly method: string
    readonly value: number | null
    readonly text: string
    readonly sets: readonly string[]
  }[]
}

/** Options of {@link sweep}. */
export interface SweepOptions {
  readonly methods: readonly NamedMethod[]
  readonly vary: readonly Varied[]
  /** Random search with so many trials a method. Absent: the grid, of which larger ones are sampled down to the smallest. */
  readonly trials?: number
  /** One of so many trials goes on to the next rung, with so many times the rounds. Default 3; 1: all trials take all rounds. */
  readonly eta?: number
  /** Default: the spec's + 1000, which no comparison of the same spec reaches. */
  readonly seed?: number
  /** Seeds to tune on, from `seed` on. A setting that does well on one dealing of rows may be brittle on others. Default 1. */
  readonly seeds?: number
  /** Trainings at the same time, a thread each. Default: one for each core, at most 4. Does not change the result. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onTrial?: (trial: Trial, done: number, of: number) => void
}

/** How many trials take how many rounds, rung by rung. */
export const rungsOf = (trials: number, rounds: number, eta: number): readonly { readonly trials: number; readonly rounds: number }[] => {
  if (eta === 1) return [{ trials, rounds }]
  const most = Math.min(Math.floor(Math.log(trials) / Math.log(eta) + 1e-9), Math.floor(Math.log(rounds) / Math.log(eta) + 1e-9))
  return Array.from({ length: most + 1 }, (_, rung) => ({
    trials: Math.max(1, Math.floor(trials / eta ** rung)),
    rounds: rung === most ? rounds : Math.max(1, Math.floor(rounds / eta ** (most - rung))),
  }))
}

/** Null where one of them is. */
const meanOf = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value / values.length), 0)

/**
 * Tunes each method. The same options give the same result, whatever the number of workers.
 *
 * @throws YimengError `sweep-vary`, `sweep-methods`, faults of the spec before anything is trained, and whatever training throws that is no {@link failureOf failure}: a trial that fails is the worst.
 */
export const sweep = async (input: RunSpecInput, options: SweepOptions): Promise<Sweep> => {
  const { methods, vary, eta = 3, seeds: seedCount = 1, signal, onTrial } = options
  if (methods.length === 0) throw new YimengError({ code: 'sweep-methods', cannot: 'sweep', expected: 'at least one method', got: 'none' })
  if (!Number.isInteger(eta) || eta < 1) throw varyFault('a whole number from 1 as the share that goes on', String(eta))
  if (!Number.isInteger(seedCount) || seedCount < 1) throw varyFault('a whole number from 1 as the number of seeds', String(seedCount))
  const spec: RunSpec = resolveSpec(input)
  const seed = options.seed ?? spec.seed + 1000
  const seeds = Array.from({ length: seedCount }, (_, i) => seed + i)
  const source = readOnce(taskOf(spec.task))
  const tunings = seeds.map((own) => {
    const { task, split } = tuningTask(source, spec.split, own)
    return { seed: own, task: readOnce(task), split }
  })
  const grids = methods.map((method) => settingsOf(method, vary, options.trials, seed))
  const count = Math.min(...grids.map(({ length }) => length))
  const rungs = rungsOf(count, spec.rounds, eta)
  const specOf = ({ change }: NamedMethod, settings: Settings, rounds: number, tuning: (typeof tunings)[number]): RunSpecInput => {
    const changed = withOverrides(change({ ...input, split: tuning.split }), setsOf(settings))
    return { ...changed, seed: tuning.seed, rounds, evaluate: { every: 0 } }
  }
  const trials = methods.map((method, i) =>
    sampled(grids[i] ?? [], count, seed, method.name).map((settings) => ({
      method,
      settings,
      rungs: [] as Trial['rungs'][number][],
    })),
  )
  for (const each of trials.flat())
    for (const tuning of tunings) resolveSpec(specOf(each.method, each.settings, spec.rounds, tuning), { task: tuning.task })
  let measure = 'loss'
  let done = 0
  const of = methods.length * rungs.reduce((sum, rung) => sum + rung.trials, 0)
  const train = async (trial: (typeof trials)[number][number], rounds: number): Promise<void> => {
    const values: (number | null)[] = []
    let failure: Failure | undefined
    for (const tuning of tunings) {
      signal?.throwIfAborted()
      try {
        const outcome = await trial.method.train(specOf(trial.method, trial.settings, rounds, tuning), {
          home: null,
          workers: 1,
          task: tuning.task,
          ...(signal === undefined ? {} : { signal }),
        })
        const found = primaryValue(outcome)
        measure = found.measure
        values.push(found.value)
      } catch (error) {
        failure = failureOf(error)
        if (failure === undefined) throw error
        // failed on one seed, it is the worst whatever it does on the others
        break
      }
    }
    trial.rungs.push(failure === undefined ? { rounds, value: meanOf(values) } : { rounds, value: null, failure })
    done += 1
    onTrial?.({ method: trial.method.name, settings: trial.settings, rungs: trial.rungs }, done, of)
  }
  const better = (a: Trial['rungs'], b: Trial['rungs']): number => {
    if (a.length !== b.length) return b.length - a.length
    const [x, y] = [a.at(-1)?.value ?? null, b.at(-1)?.value ?? null]
    if (x === null || y === null) return Number(x === null) - Number(y === null)
    return lessIsBetter.has(measure) ? x - y : y - x
  }
  const workers = options.workers ?? Math.min(4, availableParallelism())
  for (const rung of rungs) {
    // sorting is stable: of equals the one that was named first goes on
    const going = trials.flatMap((own) => [...own].sort((a, b) => better(a.rungs, b.rungs)).slice(0, rung.trials))
    await inParallel(going, workers, (trial) => train(trial, rung.rounds))
  }
  const ranked = trials.map((own) => [...own].sort((a, b) => better(a.rungs, b.rungs)))
  return {
    format: 'yimeng-sweep/1',
    task: source.name,
    seeds,
    measure,
    budget: seedCount * rungs.reduce((sum, rung) => sum + rung.trials * rung.rounds, 0),
    trials: ranked.flat().map(({ method, settings, rungs: taken }) => ({ method: method.name, settings, rungs: taken })),
    best: ranked.flatMap(([first]) => {
      if (first === undefined) return []
      const { method, settings } = first
      const name = method.name.split(':')[0] ?? ''
      const texts = setsOf(settings).map((set) => (strategyNames.includes(name) ? set.replace(/^strategy\./, '') : set))
      return [
        {
          method: method.name,
          value: first.rungs.at(-1)?.value ?? null,
          text: [method.name, ...texts].join(':'),
          sets: [
            ...(strategyNames.includes(name) ? [`strategy.name=${name}`] : []),
            ...method.name.split(':').slice(1),
            ...setsOf(settings),
          ],
        },
      ]
    }),
  }
}
