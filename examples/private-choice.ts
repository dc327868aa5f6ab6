// Which of three treatments did most patients of a hospital get? The exponential mechanism tells one of them, the right one more often, and no count. Run: node examples/private-choice.ts
// In a project of your own, import from 'yimeng/base' and 'yimeng/privacy'.
import { csprng } from '../src/base/index.ts'
import { exponential, provenBound, rdp } from '../src/privacy/index.ts'

const treatments = ['surgery', 'medication', 'watchful waiting']
// one patient more or less moves one of the counts by 1: that is the bound of the scores
const counts = provenBound([34, 50, 41], 1)
for (const epsilon of [0.05, 0.5, 2]) {
  const choice = exponential(epsilon)
  const told = Array.from({ length: 1000 }, () => choice.choose(counts, csprng()))
  const shares = treatments.map((name, i) => `${name} ${(told.filter((one) => one === i).length / 10).toFixed(0)} %`)
  console.log(
    `ε = ${epsilon} a choice: ${shares.join(', ')}; told ten times: ε = ${rdp().epsilon({ kind: 'repeated', event: choice.event, count: 10 }, 1e-6).toFixed(2)} at δ = 1e-6`,
  )
}
