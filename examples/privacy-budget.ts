// Plan the noise of a private mean over five hospitals, release it round by round, and stop before the budget is exceeded. Run: node examples/privacy-budget.ts
// In a project of your own, import from 'yimeng/base' and 'yimeng/privacy'.
import { csprng } from '../src/base/index.ts'
import { canAfford, charge, clip, discreteGaussian, ledger, pld, plan, provenBound, spent } from '../src/privacy/index.ts'

const budget = { epsilon: 3, delta: 1e-5 }
// tighter than the accountant that a plan takes by default, and the right one for a few rounds; `interval` trades digits for speed
const accountant = pld({ interval: 1e-3 })
const mechanismWith = (noiseMultiplier: number) => discreteGaussian({ noiseMultiplier, dimension: 1 })
const planned = plan({ ...budget, rounds: 10, noise: (multiplier) => mechanismWith(multiplier).event, accountant })
console.log(`10 rounds within ε = 3, δ = 1e-5 need noise of ${planned.noiseMultiplier.toFixed(3)} × the clipping bound in each`)

const hospitals = [0.2, 0.4, 0.1, 0.9, 7].map((mean) => ({ values: Float32Array.of(mean) }))
const clipped = hospitals.map(clip(1))
// one hospital more or less moves the sum of vectors clipped to 1 by at most 1: that is the bound of the sum
const sum = provenBound({ values: Float32Array.of(clipped.reduce((total, { value }) => total + value.values[0]!, 0)) }, 1)

const mechanism = mechanismWith(planned.noiseMultiplier)
let book = ledger({ run: 'example', site: 'all', unit: 'site' })
for (let round = 0; ; round++) {
  const verdict = canAfford(budget, book, mechanism.event, accountant)
  if (!verdict.affordable) {
    console.log(`round ${round} would cost ε = ${verdict.after.toFixed(4)} in all: it does not run`)
    break
  }
  book = charge(book, { round, attempt: 0, event: mechanism.event }) // written before the value leaves
  const noised = mechanism.perturb(sum, csprng())
  console.log(
    `round ${round}: a mean of ${(noised.values[0]! / hospitals.length).toFixed(2)}, ε = ${spent(book, accountant, budget.delta).toFixed(4)}`,
  )
}
