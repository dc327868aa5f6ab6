import { expect, test } from 'vitest'
import { compare, methodNamed, strategyNames } from './index.ts'

test('every strategy of the schema is a method by its name', () => {
  expect(strategyNames).toEqual(expect.arrayContaining(['fedavg', 'fedprox', 'fedadam']))
  for (const name of strategyNames) expect(methodNamed(name).change({ task: 'iris' }), name).toEqual({ task: 'iris', strategy: { name } })
})

test('options of the spec’s strategy stay with that strategy and do not leak into another', () => {
  const spec = { task: 'iris', strategy: { name: 'fedprox', mu: 0.5 } } as const
  expect(methodNamed('fedprox').change(spec).strategy).toEqual({ name: 'fedprox', mu: 0.5 })
  expect(methodNamed('fedavg').change(spec).strategy).toEqual({ name: 'fedavg' })
  expect(methodNamed('centralised').change(spec)).toEqual(spec)
})

test('an unknown name is refused with near ones', () =>
  expect(() => methodNamed('fedprx')).toThrow(/cannot find method: expected one of .*did you mean fedprox/))

test('named methods compare: curves know their bytes, targets are met or not, sites fare somehow, whose model serves whom', async () => {
  const methods = ['fedavg', 'fedprox:mu=1:local.epochs=1', 'alone'].map(methodNamed)
  const found = await compare({ task: 'iris', rounds: 4 }, { seeds: 2, home: null, methods, target: { measure: 'loss', value: 1.2 } })
  const [fedavg, fedprox, alone] = found.methods
  expect(found.target).toEqual({ measure: 'loss', value: 1.2 })
  expect(fedavg?.reached?.rounds).toHaveLength(2)
  const rounds = fedavg?.reached?.rounds[0] ?? 0
  expect(rounds).toBeGreaterThanOrEqual(1)
  expect(fedavg?.reached?.bytes[0]).toBeGreaterThan(0)
  if (rounds < 4) expect(fedavg?.reached?.bytes[0]).toBeLessThan((fedavg?.bytesUp ?? 0) + (fedavg?.bytesDown ?? 0))
  expect(alone?.reached?.bytes).toEqual([null, null])
  expect(fedprox?.steps).toBeLessThan(fedavg?.steps ?? 0)
  expect(fedavg?.fairness?.jain).toBeLessThanOrEqual(1)
  expect(fedavg?.crossSite).toBeUndefined()
  expect(alone?.crossSite?.sites).toHaveLength(10)
  // the diagonal is what the site table shows of sites alone
  alone?.crossSite?.sites.forEach((site, i) => {
    const own = found.scopes.find((scope) => scope.site === site)?.cells['alone']?.['accuracy']?.mean
    expect(alone.crossSite?.values[i]?.[i]).toBeCloseTo(own ?? Number.NaN, 12)
  })
})

test('two methods of one name are refused', () =>
  expect(compare({ task: 'iris', rounds: 1 }, { home: null, methods: ['fedavg', 'fedavg'].map(methodNamed) })).rejects.toMatchObject({
    code: 'judge-methods',
  }))
