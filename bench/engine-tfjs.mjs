// A peer of `yimeng bench engine`: the same training steps in TensorFlow.js on its plain CPU back end. Arguments: folder that @tensorflow/tfjs is installed in, workload, steps.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [folder = '.', workload = '', stepsText = '1'] = process.argv.slice(2)
// it prints advice on other back ends
console.log = console.warn = () => {}
const tf = createRequire(join(folder, 'package.json'))('@tensorflow/tfjs')
await tf.setBackend('cpu')

const { layers, sequential, train } = tf
const pooled = (filters, inputShape) => [
  layers.conv2d({ filters, kernelSize: 5, padding: 'same', activation: 'relu', ...(inputShape === undefined ? {} : { inputShape }) }),
  layers.maxPooling2d({ poolSize: 2 }),
]
const recurrent = (kind) => () => sequential({ layers: [layers[kind]({ units: 64, inputShape: [50, 14] }), layers.dense({ units: 1 })] })
const workloads = {
  mlp: {
    make: () =>
      sequential({
        layers: [
          layers.dense({ units: 64, inputShape: [30], activation: 'relu' }),
          layers.dense({ units: 32, activation: 'relu' }),
          layers.dense({ units: 2 }),
        ],
      }),
    shape: [30],
    batch: 32,
    classes: 2,
    optimiser: train.sgd(0.001),
  },
  'mcmahan-10': {
    make: () =>
      sequential({
        layers: [
          ...pooled(32, [28, 28, 1]),
          ...pooled(64),
          layers.flatten(),
          layers.dense({ units: 512, activation: 'relu' }),
          layers.dense({ units: 10 }),
        ],
      }),
    shape: [28, 28, 1],
    batch: 10,
    classes: 10,
    optimiser: train.sgd(0.001),
  },
  gru: { make: recurrent('gru'), shape: [50, 14], batch: 32, classes: 0, optimiser: train.adam(0.001) },
  lstm: { make: recurrent('lstm'), shape: [50, 14], batch: 32, classes: 0, optimiser: train.adam(0.001) },
}
const { make, shape, batch, classes, optimiser } = workloads[workload]
const model = make()
const x = tf.randomNormal([batch, ...shape])
const y = classes === 0 ? tf.randomNormal([batch, 1]) : tf.oneHot(tf.randomUniform([batch], 0, classes, 'int32'), classes)
const loss = () => (classes === 0 ? tf.losses.meanSquaredError(y, model.predict(x)) : tf.losses.softmaxCrossEntropy(y, model.predict(x)))
const step = () => optimiser.minimize(() => loss())

const steps = Number(stepsText)
if (steps > 1) step()
const [cpu, wall] = [process.cpuUsage(), performance.now()]
for (let k = 0; k < steps; k++) step()
const [used, wallMs] = [process.cpuUsage(cpu), performance.now() - wall]
process.stdout.write(
  `${JSON.stringify({
    wallMs: wallMs / steps,
    cpuMs: (used.user + used.system) / 1000 / steps,
    samples: (batch * steps * 1000) / wallMs,
    peakMb: process.resourceUsage().maxRSS / 1024,
    version: tf.version_core,
  })}\n`,
)
