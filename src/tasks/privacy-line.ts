// The line that every summary has: what differential privacy a run keeps, in the reader's language.
import { type PrivacySpec, unitOf } from '../federated/spec/index.ts'
import type { Unit } from '../privacy/index.ts'
import type { RunSpec } from './run-spec.ts'
import type { Language } from './spec-issues.ts'

interface Words {
  readonly none: string
  readonly noise: Readonly<Record<Exclude<PrivacySpec, 'none'>['noise'], string>>
  readonly unit: Readonly<Record<Unit, string>>
  readonly line: (noise: string, epsilon: number, delta: number, unit: string) => string
  /** What the figure leaves out, by where the columns' statistics come from. */
  readonly left: Readonly<Record<RunSpec['preprocessing']['statistics'], string>>
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    none: 'privacy: none — the model may remember single patients',
    noise: {
      central: 'noise by the coordinator',
      distributed: 'noise shared out over the sites',
      local: 'noise by each site, enough for itself',
      'dp-sgd': 'noise in every training step of each site',
    },
    unit: { site: 'a whole site', record: 'one record', patient: 'one patient at one site' },
    line: (noise, epsilon, delta, unit) => `privacy: ${noise}, ε ≤ ${epsilon} at δ = ${delta} for ${unit}`,
    left: {
      exact: 'not in it: column statistics of round 0, which are exact (preprocessing.statistics), and measures on test rows',
      public: 'not in it: measures on test rows',
      noised: 'column statistics are in it; not in it: measures on test rows',
    },
  },
  'zh-CN': {
    none: 'privacy: none —— 模型可能记住个别患者',
    noise: { central: '由协调方加噪', distributed: '各站点分担加噪', local: '各站点自行加足噪声', 'dp-sgd': '各站点在每一步训练中加噪' },
    unit: { site: '整个站点', record: '单条记录', patient: '单个站点的一位患者' },
    line: (noise, epsilon, delta, unit) => `privacy: ${noise}，以${unit}为单位 ε ≤ ${epsilon}（δ = ${delta}）`,
    left: {
      exact: '不含第 0 轮未加噪的列统计量（preprocessing.statistics）和测试集指标',
      public: '不含测试集指标',
      noised: '含列统计量；不含测试集指标',
    },
  },
  'zh-TW': {
    none: 'privacy: none —— 模型可能記住個別病人',
    noise: { central: '由協調方加噪', distributed: '各站點分擔加噪', local: '各站點自行加足雜訊', 'dp-sgd': '各站點在每一步訓練中加噪' },
    unit: { site: '整個站點', record: '單筆紀錄', patient: '單一站點的一位病人' },
    line: (noise, epsilon, delta, unit) => `privacy: ${noise}，以${unit}為單位 ε ≤ ${epsilon}（δ = ${delta}）`,
    left: {
      exact: '不含第 0 輪未加噪的欄統計量（preprocessing.statistics）和測試集指標',
      public: '不含測試集指標',
      noised: '含欄統計量；不含測試集指標',
    },
  },
}

/**
 * What a run's privacy is, in a line.
 *
 * @param statistics - where the columns' statistics come from: `preprocessing.statistics`
 *
 * @example
 * ```ts
 * assert.equal(privacyLine('none', 'en'), 'privacy: none — the model may remember single patients')
 * ```
 */
export const privacyLine = (
  privacy: PrivacySpec,
  language: Language,
  statistics: RunSpec['preprocessing']['statistics'] = 'exact',
): string => {
  const { none, noise, unit, line, left } = words[language]
  if (privacy === 'none') return none
  const kept = line(noise[privacy.noise], privacy.epsilon, privacy.delta, unit[unitOf(privacy)])
  return `${kept} ${language === 'en' ? '—' : '——'} ${left[statistics]}`
}
