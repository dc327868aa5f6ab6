import { expect, test } from 'vitest'
import { memoryChannels, seed } from '../../base/index.ts'
import { runSecurely } from '../engines/aby.ts'
import { costOf } from '../engines/cost.ts'
import { plainEngine } from '../engines/plain.ts'
import type { Secure } from '../secure.ts'
import { type DenseInput, denseInference, type DenseLayer, type DenseSpec } from './dense-inference.ts'

const random = seed(5).random()
const widths = [6, 8, 4]
const layers: readonly DenseLayer[] = widths.slice(1).map((outputs, index) => ({
  weights: Array.from({ length: outputs }, () => Array.from({ length: widths[index] as number }, () => random.uniform() * 4 - 2)),
  biases: Array.from({ length: outputs }, () => random.uniform() - 0.5),
}))
const records = Array.from({ length: 9 }, () => Array.from({ length: 6 }, () => random.normal()))

const forward = (record: readonly number[]): readonly number[] =>
  layers.reduce<readonly number[]>(
    (x, { weights, biases }, index) =>
      weights.map((row, k) => {
        const z = row.reduce((sum, w, j) => sum + w * (x[j] as number), biases[k] as number)
        return index < layers.length - 1 ? Math.max(0, z) : z
      }),
    record,
  )

const spec = (shows: DenseSpec['shows']): DenseSpec => ({ widths, rows: records.length, weightBound: 2, shows })
const program = (shows: DenseSpec['shows']) => async (engine: Secure, input: DenseInput) => {
  let shown: readonly number[] | undefined
  engine.mapHeld(await denseInference(engine, spec(shows), input), (values) => (shown = values))
  return shown
}

test.each(['outputs', 'class'] as const)('a network on shares answers as in the clear: %s', async (shows) => {
  const [a, b] = memoryChannels()
  const run = { program: `dense ${shows}` }
  const [guest, host] = await Promise.all([
    runSecurely(a, 'guest', run, program(shows), { guest: records }),
    runSecurely(b, 'host', run, program(shows), { host: layers }),
  ])
  expect(host.result).toBeUndefined()
  const outputs = records.map(forward)
  const plain = await program(shows)(plainEngine(), { guest: records, host: layers })
  if (shows === 'class') expect(guest.result).toEqual(outputs.map((list) => list.indexOf(Math.max(...list))))
  else
    for (const got of [guest.result, plain])
      outputs.flat().forEach((value, i) => expect(Math.abs((got?.[i] as number) - value)).toBeLessThan(1e-3))
  const cost = await costOf(program(shows), {})
  expect({ guest: guest.traffic, host: host.traffic }).toEqual({ guest: cost.guest, host: cost.host })
})

test('weights beyond the announced bound are refused', async () => {
  const large = [
    { ...(layers[0] as DenseLayer), weights: (layers[0] as DenseLayer).weights.map((row) => row.map(() => 3)) },
    ...layers.slice(1),
  ]
  await expect(program('class')(plainEngine(), { guest: records, host: large })).rejects.toThrow(/layer 0/)
})
