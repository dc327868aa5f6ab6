// A strategy of your own: FedAvg that takes only half a step towards the mean.
import { fedAvg, type Layout, type Mean, type ModelState, run } from '../src/index.ts' // in your project: from 'yimeng'

const halfStep = (layout: Layout) => {
  const average = fedAvg({ layout })
  return {
    ...average,
    name: 'half-step',
    // the server's own line: where FedAvg moves to the mean of the sites' models, this one goes half the way
    step: ({ params }: ModelState, mean: Mean): ModelState => ({
      params: { layout, values: params.values.map((value, i) => (value + (mean.values[i] ?? 0)) / 2) },
      loss: mean.loss,
    }),
  }
}

for (const [name, options] of Object.entries({ fedavg: {}, 'half-step': { strategy: halfStep } })) {
  const { metrics } = await run({ task: 'iris', rounds: 30 }, { home: null, ...options })
  console.log(`${name}: accuracy ${metrics['accuracy']?.toFixed(3)}`)
}
