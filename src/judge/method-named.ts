// Methods by name, as `--methods fedavg,fedprox:mu=0.1` gives them: the strategies of the run spec's schema, and the baselines.
import { YimengError } from '../base/index.ts'
import { closeNames } from '../data/index.ts'
import { strategySchema } from '../federated/spec/index.ts'
import { type RunSpecInput, withOverrides } from '../tasks/index.ts'
import { alone, centralised, federated, type Method, nearest } from './method.ts'

/** Names of all strategies that a spec can ask for, from its schema: a new one is known here at once. */
export const strategyNames: readonly string[] = strategySchema.options.map(({ shape }) => shape.name.value)

const baselines: readonly Method[] = [centralised, alone, federated(), nearest]

/** A method with what it changes of a spec, so that a spec can be checked before anything is trained. */
export interface NamedMethod extends Method {
  readonly change: (spec: RunSpecInput) => RunSpecInput
}

/**
 * The method that a text names: a strategy, `centralised`, `alone`, `nearest` (neighbour) or `federated` (the spec's own strategy), with changes after colons: options of the strategy by their
 * names, other values of the spec by their paths.
 *
 * @throws YimengError `method-unknown`; `spec-set` for a change that is none (when the method is applied).
 *
 * @example
 * ```ts
 * const method = methodNamed('fedprox:mu=0.1:local.optimiser.learningRate=0.05')
 * assert.deepEqual(method.change({ task: 'iris' }), {
 *   task: 'iris', strategy: { name: 'fedprox', mu: 0.1 }, local: { optimiser: { learningRate: 0.05 } },
 * })
 * ```
 */
export const methodNamed = (text: string): NamedMethod => {
  const [name = '', ...changes] = text.trim().split(':')
  const isStrategy = strategyNames.includes(name)
  const baseline = baselines.find((one) => one.name === name)
  if (!isStrategy && baseline === undefined) {
    const names = [...strategyNames, ...baselines.map((one) => one.name)]
    const near = closeNames(name, names)
    throw new YimengError({
      code: 'method-unknown',
      cannot: 'find method',
      expected: `one of ${names.join(', ')}`,
      got: `${JSON.stringify(name)}${near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`}`,
    })
  }
  // a path of one word is an option of the strategy; the spec's own words (rounds, seed) belong to all methods alike
  const sets = changes.map((change) => (isStrategy && !/^[^=]*\./.test(change) ? `strategy.${change}` : change))
  const change = (spec: RunSpecInput): RunSpecInput => withOverrides(spec, [...(isStrategy ? [`strategy.name=${name}`] : []), ...sets])
  if (baseline === undefined) return { ...federated(text.trim(), change), change }
  return { ...baseline, name: text.trim(), train: (spec, options) => baseline.train(change(spec), options), change }
}
