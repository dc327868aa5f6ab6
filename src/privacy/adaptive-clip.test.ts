import { expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { adaptiveClip } from './adaptive-clip.ts'
import { rdp } from './rdp/rdp.ts'

test('updates and votes together cost one release with the total noise', () => {
  for (const [noiseMultiplier, voteStddev] of [
    [1, 5],
    [0.7, 0.4],
    [3, 100],
  ] as const) {
    const rule = adaptiveClip({ noiseMultiplier, voteStddev })
    const apart = {
      kind: 'composed',
      events: [
        { kind: 'gaussian', noiseMultiplier: rule.updateNoiseMultiplier },
        { kind: 'gaussian', noiseMultiplier: rule.voteStddev / 0.5 },
      ],
    } as const
    expect(rdp().epsilon(apart, 1e-5)).toBeCloseTo(rdp().epsilon(rule.event, 1e-5), 9)
  }
})

test.each([0.25, 0.5, 0.9])(
  'the bound finds the %d quantile of log-normal lengths, from far below and far above, through the noise',
  (quantile) => {
    for (const initial of [1e-3, 1e3]) {
      const rule = adaptiveClip({ noiseMultiplier: 1, voteStddev: 10, initial, quantile })
      const random = seed(`adaptive ${quantile} ${initial}`).random()
      let bound = rule.initial
      let tail = 0
      for (let round = 0; round < 400; round++) {
        let votes = rule.voteStddev * random.normal()
        for (let i = 0; i < 200; i++) votes += rule.vote(Math.exp(random.normal()), bound)
        bound = rule.next(bound, votes, 200)
        if (round >= 300) tail += Math.log(bound) / 100
      }
      const expected = { 0.25: -0.6745, 0.5: 0, 0.9: 1.2816 }[quantile]!
      expect(Math.abs(tail - expected)).toBeLessThan(0.1)
    }
  },
)

test('options out of range are refused by name', () => {
  const good = { noiseMultiplier: 1, voteStddev: 5 }
  for (const bad of [{ noiseMultiplier: 0 }, { voteStddev: 0.5 }, { initial: 0 }, { quantile: 1.1 }, { learningRate: -1 }])
    expect(() => adaptiveClip({ ...good, ...bad })).toThrow(expect.objectContaining({ code: 'adaptive-clip' }))
})
