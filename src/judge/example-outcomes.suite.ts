// Made-up outcomes of three methods, for tests of what is computed and drawn from outcomes. Reproducible; no model is trained.
import { seed as rootSeed } from '../base/index.ts'
import type { Evaluation } from '../simulation/index.ts'
import { runSpecSchema } from '../tasks/index.ts'
import type { Comparison, Outcome } from './comparison.ts'
import { comparisonOf } from './comparison-of.ts'
import type { MethodOutcomes } from './summary.ts'

/** An evaluation of stated probabilities of class 1 against true classes. */
export const evaluationOf = (labels: readonly number[], probabilities: readonly number[]): Evaluation => {
  const rows = labels.length
  const confusion = [
    [0, 0],
    [0, 0],
  ]
  let loss = 0
  probabilities.forEach((p, i) => {
    const called = p > 0.5 ? 1 : 0
    const row = confusion[labels[i] ?? 0] ?? []
    row[called] = (row[called] ?? 0) + 1
    loss -= Math.log(labels[i] === 1 ? p : 1 - p) / rows
  })
  const right = (confusion[0]?.[0] ?? 0) + (confusion[1]?.[1] ?? 0)
  return {
    rows,
    labels: Float64Array.from(labels),
    outputs: Float32Array.from(probabilities.flatMap((p) => [1 - p, p])),
    width: 2,
    confusion,
    metrics: { accuracy: right / rows, auc: rows < 25 ? null : Math.min(1, right / rows + 0.02), loss },
  }
}

/** Name of the made-up sites; the first tries to be markup, the last is in Chinese. */
export const siteNames = ['<b>North & "East"</b>', 'Cleveland', '市立第一医院'] as const

/** A comparison of three methods over `seeds` seeds: federated a little below centralised, alone far below. */
export const exampleComparison = (seeds: number = 5, rounds: number = 12): Comparison => {
  const skill = { centralised: 3.4, alone: 0.9, federated: 3.1 }
  const numbers = Array.from({ length: seeds }, (_, i) => i + 1)
  const outcome = (method: keyof typeof skill, number: number): Outcome => {
    const rowsOf = siteNames.map((site, s) => {
      // labels depend on seed and site only: the methods meet the same rows
      const random = rootSeed(number).split('rows', site).random()
      return Array.from({ length: 20 + 30 * s }, () => (random.uniform() < 0.4 ? 1 : 0))
    })
    const probabilities = (strength: number, label: string) => {
      const random = rootSeed(number).split(method, label).random()
      return rowsOf.map((labels) => labels.map((y) => 1 / (1 + Math.exp(-(strength * (y - 0.5) + 1.2 * random.normal())))))
    }
    const models = (method === 'alone' ? siteNames : ['all']).map((name) => probabilities(skill[method], name))
    const strengths = Array.from({ length: rounds }, (_, i) => skill[method] * (1 - Math.exp(-(i + 1) / 3)))
    return {
      seed: number,
      pooled: models.map((model) => evaluationOf(rowsOf.flat(), model.flat())),
      bySite: Object.fromEntries(siteNames.map((site, s) => [site, evaluationOf(rowsOf[s] ?? [], (models[s] ?? models[0])?.[s] ?? [])])),
      curve: strengths.map((strength, i) => ({
        round: i + 1,
        measures: evaluationOf(rowsOf.flat(), probabilities(strength, `curve ${i}`).flat()).metrics,
      })),
      steps: 1200,
      seconds: 1.5,
      bytesUp: method === 'federated' ? 123_456 : 0,
      bytesDown: method === 'federated' ? 234_567 : 0,
      modelHashes: models.map((_, i) => `${method}-${number}-${i}`),
      classes: ['healthy', 'diseased'],
      sites: siteNames.map((site, s) => ({ site, trainRows: 80 + 120 * s, testRows: 20 + 30 * s, classes: [48 + 72 * s, 32 + 48 * s] })),
    }
  }
  const methods = (['centralised', 'alone', 'federated'] as const).map(
    (name): MethodOutcomes => ({ name, kind: name, outcomes: numbers.map((number) => outcome(name, number)) }),
  )
  return comparisonOf(methods, {
    spec: runSpecSchema.parse({ task: 'heart-disease', rounds }),
    specHash: 'f00d',
    seeds: numbers,
    at: '2026-01-02T03:04:05.000Z',
    seconds: 12.5,
    versions: { yimeng: '0.1.0', node: '24.0.0', engine: 'none', platform: 'test' },
  })
}
