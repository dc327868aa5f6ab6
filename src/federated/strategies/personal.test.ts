import { expect, test } from 'vitest'
import { layout as layoutOf } from '../../algebra/index.ts'
import { type Channel, counted } from '../../base/index.ts'
import { algorithm } from '../strategy.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { fedAvg } from './fed-avg.ts'
import { fedBn, fedPer, NORMALISATION, parts } from './personal.ts'
import { regression, regressionLayout as layout, regressionSites, regressionStart } from './regression.test-support.ts'
import { train } from './train.test-support.ts'

const sites = regressionSites([4, 30, 11])
const make = () => fedPer({ layout, personal: /bias/ })

test('one round by hand: shared layers are FedAvg’s, personal ones what each site trained', async () => {
  const it = await train(algorithm(make(), regression, plain()), { rounds: 1, sites })
  const average = await train(algorithm(fedAvg({ layout }), regression, plain()), { rounds: 1, sites })
  expect(it.model.subarray(0, 2)).toEqual(average.model.subarray(0, 2))
  expect(it.model[2]).toBe(regressionStart.values[2])
  for (const [id, own] of Object.entries(it.locals)) {
    const alone = await regression({ site: sites[id]! } as never, { values: regressionStart.values, numbers: {}, vectors: {} })
    expect(own).toEqual(alone.values.slice(2))
    expect(make().modelAt(it.state, own).values).toEqual(Float32Array.of(it.model[0]!, it.model[1]!, own[0]!))
  }
})

test('each site fits better with its own layer than with the common one; masks change no bit', async () => {
  const own = await train(algorithm(make(), regression, masked()), { rounds: 20, sites })
  expect(own.state).toEqual((await train(algorithm(make(), regression, plain()), { rounds: 20, sites })).state)
  expect(own.loss).toBeLessThan((await train(algorithm(fedAvg({ layout }), regression, plain()), { rounds: 20, sites })).loss)
})

test('personal values do not travel: bytes up and down shrink by theirs', async () => {
  const bytes = async (strategy: ReturnType<typeof fedAvg> | ReturnType<typeof make>): Promise<number> => {
    const channels: ReturnType<typeof counted>[] = []
    const between = (_: string, channel: Channel): Channel => {
      const one = counted(channel)
      channels.push(one)
      return one
    }
    await train(algorithm(strategy as ReturnType<typeof fedAvg>, regression, plain()), { rounds: 1, sites, between })
    return channels.reduce((sum, channel) => sum + channel.traffic().sent + channel.traffic().received, 0)
  }
  expect((await bytes(fedAvg({ layout }))) - (await bytes(make()))).toBe(3 * 2 * 4)
})

test('FedBN keeps what PyTorch’s models call normalisation', () => {
  const names = [
    'conv1.weight',
    'bn1.weight',
    'layer1.0.bn2.running_var',
    'layer2.0.downsample.0.weight',
    'layer2.0.downsample.1.bias',
    'fc.bias',
    'norm.bias',
  ]
  expect(names.filter((name) => NORMALISATION.test(name))).toEqual([names[1], names[2], names[4], names[6]])
  const some = layoutOf(names.map((name, i) => ({ name, shape: [i + 1] })))
  const { pick, join, shared, personal } = parts(some, NORMALISATION)
  expect(shared.size + personal.size).toBe(some.size)
  const values = Float32Array.from({ length: some.size }, (_, i) => i)
  expect(join(pick(values, 'shared'), pick(values, 'personal'))).toEqual(values)
  expect(fedBn({ layout: some }).name).toBe('fedbn')
})

test.each([/nothing/, /./])('refuses %s: no layer, or all', (personal) => {
  expect(() => fedPer({ layout, personal })).toThrow(expect.objectContaining({ code: 'personal-layers' }))
})
