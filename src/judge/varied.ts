// What a sweep tries: values of the spec that are varied, and the settings of each method that come of them, by grid or by chance.
import { parse } from 'yaml'
import { seed as rootSeed, YimengError } from '../base/index.ts'
import { type NamedMethod, strategyNames } from './method-named.ts'

/** A value of the spec that is varied: a list, or a range that random search draws from evenly on a logarithmic scale. */
export interface Varied {
  /** Absent: for all methods. */
  readonly method?: string
  /** A path of the spec, as in `local.optimiser.learningRate`; a path of one word is an option of the strategy. */
  readonly path: string
  readonly values: readonly unknown[] | { readonly from: number; readonly to: number }
}

/** A sweep that cannot be made of what was asked. */
export const varyFault = (expected: string, got: string): YimengError =>
  new YimengError({ code: 'sweep-vary', cannot: 'vary', expected, got })

/**
 * What `--vary` says: `[method:]path=values`, values with commas between them, or a range `0.001..0.1`.
 *
 * @throws YimengError `sweep-vary`
 *
 * @example
 * ```ts
 * assert.deepEqual(variedOf('fedprox:mu=0.01,0.1'), { method: 'fedprox', path: 'mu', values: [0.01, 0.1] })
 * assert.deepEqual(variedOf('local.optimiser.learningRate=0.01..1').values, { from: 0.01, to: 1 })
 * ```
 */
export const variedOf = (text: string): Varied => {
  const [, method, path, values] = /^(?:([^:=]+):)?([A-Za-z][\w.]*)=(.+)$/s.exec(text) ?? []
  if (path === undefined || values === undefined) throw varyFault('path=value,value,… or path=from..to', JSON.stringify(text))
  const own = method === undefined ? {} : { method }
  const [, from, to] = /^([\d.e-]+)\.\.([\d.e-]+)$/i.exec(values) ?? []
  if (from !== undefined && to !== undefined) {
    const range = { from: Number(from), to: Number(to) }
    if (!(range.from > 0 && range.to > range.from && Number.isFinite(range.to)))
      throw varyFault('a range from a positive number to a larger one', values)
    return { ...own, path, values: range }
  }
  try {
    return { ...own, path, values: parse(`[${values}]`) as unknown[] }
  } catch {
    throw varyFault('values with commas between them', values)
  }
}

/** Values by full path of the spec. */
export type Settings = Readonly<Record<string, unknown>>

/** The settings of one method, before anything is trained. */
export const settingsOf = (method: NamedMethod, vary: readonly Varied[], trials: number | undefined, seed: number): readonly Settings[] => {
  const name = method.name.split(':')[0] ?? ''
  const own = vary.filter((one) => one.method === undefined || one.method === name || one.method === method.name)
  const random = rootSeed(seed).split('sweep', method.name).random()
  const full = (path: string) => (path.includes('.') || !strategyNames.includes(name) ? path : `strategy.${path}`)
  if (trials !== undefined)
    return Array.from({ length: trials }, () =>
      Object.fromEntries(
        own.map(({ path, values }) => {
          if (!('from' in values)) return [full(path), values[random.integer(values.length)]]
          const drawn = values.from * (values.to / values.from) ** random.uniform()
          return [full(path), Number(drawn.toPrecision(3))]
        }),
      ),
    )
  return own.reduce<readonly Settings[]>(
    (grid, { path, values }) => {
      if ('from' in values) throw varyFault('a list of values for the grid (or --trials, for ranges)', path)
      return grid.flatMap((settings) => values.map((value) => ({ ...settings, [full(path)]: value })))
    },
    [{}],
  )
}

/** As many of them as `count`, by chance but always the same ones. */
export const sampled = (settings: readonly Settings[], count: number, seed: number, name: string): readonly Settings[] => {
  if (settings.length <= count) return settings
  const order = rootSeed(seed).split('sampled', name).random().permutation(settings.length)
  return Array.from(order.subarray(0, count).sort(), (at) => settings[at] ?? {})
}

/** The settings as `--set` takes them. */
export const setsOf = (settings: Settings): readonly string[] =>
  Object.entries(settings).map(([path, value]) => `${path}=${JSON.stringify(value)}`)
