import { expect, test } from 'vitest'
import { resolveSpec } from './resolve-spec.ts'
import type { RunSpecInput } from './run-spec.ts'
import { SpecError } from './spec-issues.ts'

const issuesOf = (input: Omit<RunSpecInput, 'task'>): readonly string[] => {
  try {
    resolveSpec({ task: 'iris', cohort: { size: 10 }, ...input })
    return []
  } catch (error) {
    if (error instanceof SpecError) return error.issues.map(({ path, expected }) => `${path}: ${expected}`)
    throw error
  }
}
const privacy = { epsilon: 4 }

test.each<[string, Omit<RunSpecInput, 'task'>]>([
  ['masks', { sum: 'masked' }],
  ['masks with few neighbours', { sum: 'masked', neighbours: { corrupt: 0.3, dropouts: 0.2 } }],
  ['masks with few neighbours of sites that nobody has counted', { sum: 'masked', neighbours: {}, cohort: {} }],
  ['masks around control variates', { sum: 'masked', strategy: { name: 'scaffold' } }],
  ['encryption', { sum: 'encrypted' }],
  ['encryption by Paillier around control variates', { sum: 'encrypted', encryption: 'paillier', strategy: { name: 'scaffold' } }],
  ['distributed noise under encryption', { sum: 'encrypted', privacy: { ...privacy, noise: 'distributed' } }],
  ['central noise', { privacy }],
  ['central noise under masks with a learned bound', { sum: 'masked', privacy: { ...privacy, adaptive: {} } }],
  ['distributed noise under masks', { sum: 'masked', privacy: { ...privacy, noise: 'distributed', colluding: 2 } }],
  ['a number of sites that the partition tells', { cohort: { fraction: 1 }, partition: { kind: 'iid', sites: 4 }, privacy }],
  ['noise in every step', { privacy: { ...privacy, noise: 'dp-sgd' } }],
  ['noise in every step of a smoothed loss', { privacy: { ...privacy, noise: 'dp-sgd' }, local: { loss: { kind: 'smoothed' } } }],
  ['noise in every step under masks', { sum: 'masked', privacy: { ...privacy, noise: 'dp-sgd', unit: 'patient' } }],
  ['noise in every step around a median', { strategy: { name: 'fedmedian' }, privacy: { ...privacy, noise: 'dp-sgd' } }],
  ['noise in every step around compression', { compression: { kind: 'int8' }, privacy: { ...privacy, noise: 'dp-sgd' } }],
  ['noise by each site for itself', { privacy: { ...privacy, noise: 'local' } }],
  ['noise in every step, planned by pld', { privacy: { ...privacy, noise: 'dp-sgd', accountant: 'pld' } }],
])('takes %s', (_, input) => {
  expect(issuesOf(input)).toEqual([])
})

test.each<[string, Omit<RunSpecInput, 'task'>, RegExp]>([
  [
    'a median under masks',
    { sum: 'masked', strategy: { name: 'fedmedian' } },
    /^sum: plain: fedmedian needs each site’s own update, which masks hide$/,
  ],
  ['Krum under masks', { sum: 'masked', strategy: { name: 'krum' } }, /^sum: plain: krum/],
  [
    'sums of groups, which a site might be alone in, under masks',
    { sum: 'masked', strategy: { name: 'ifca' } },
    /^sum: plain: ifca adds up groups of sites, and one that is alone in its group would not be hidden$/,
  ],
  [
    'sums of regions under encryption',
    { sum: 'encrypted', strategy: { name: 'hierarchical', regions: {} } },
    /^sum: plain: hierarchical adds up groups of sites/,
  ],
  [
    'each site’s own choice of coordinates under masks',
    { sum: 'masked', compression: { kind: 'topK' } },
    /^sum: plain: .* with topK needs/,
  ],
  ['Krum under encryption', { sum: 'encrypted', strategy: { name: 'krum' } }, /^sum: plain: krum needs .* which encryption hides$/],
  ['encryption around two', { sum: 'encrypted', cohort: { size: 2 } }, /^sum: plain, or at least 3 sites/],
  ['a quorum of two under encryption', { sum: 'encrypted', cohort: { size: 5, quorum: 2 } }, /^cohort\.quorum: at least 3 with encryption/],
  ['encryption around a thousand', { sum: 'encrypted', cohort: { size: 1000 } }, /^sum: masked, or at most 512 sites/],
  ['a scheme without encryption', { sum: 'masked', encryption: 'ckks' }, /^encryption: nothing, or sum: encrypted$/],
  ['neighbours without masks', { neighbours: {} }, /^neighbours: nothing, or sum: masked$/],
  ['neighbours under encryption', { sum: 'encrypted', neighbours: {} }, /^neighbours: nothing, or sum: masked$/],
  [
    'three sites of which one may be lost',
    { sum: 'masked', neighbours: {}, cohort: { size: 3 } },
    /^neighbours: smaller shares, or more sites in a round: of 3 sites 3 can open a secret/,
  ],
  [
    'four sites of which three are corrupt',
    { sum: 'masked', neighbours: { corrupt: 0.6, dropouts: 0 }, cohort: { size: 4 } },
    /^neighbours: smaller shares, or more sites/,
  ],
  [
    'a risk that only all of very many withstand',
    { sum: 'masked', neighbours: { corrupt: 0.6, dropouts: 0.3 }, cohort: { size: 300 }, partition: { kind: 'iid', sites: 300 } },
    /^neighbours: smaller shares, or at most 255 sites in a round/,
  ],
  ['a risk of nobody corrupt', { sum: 'masked', neighbours: { corrupt: 0 } }, /^neighbours\.corrupt: at least 0\.05$/],
  ['masks around two', { sum: 'masked', cohort: { size: 2 } }, /^sum: plain, or at least 3 sites/],
  ['a quorum of two under masks', { sum: 'masked', cohort: { size: 5, quorum: 2 } }, /^cohort\.quorum: at least 3/],
  [
    'distributed noise in the open',
    { privacy: { ...privacy, noise: 'distributed' } },
    /^sum: masked.*: under a plain sum the coordinator would see/,
  ],
  [
    'a bound that peeks',
    { sum: 'masked', privacy: { ...privacy, noise: 'distributed', adaptive: {} } },
    /^privacy\.adaptive: .* votes on the bound would leave without noise$/,
  ],
  [
    'noise that sites share out, planned by pld',
    { sum: 'masked', privacy: { ...privacy, noise: 'distributed', accountant: 'pld', noiseMultiplier: 9 } },
    /^privacy\.accountant: rdp, or nothing: of noise that sites share out/,
  ],
  [
    'noise that everybody might betray',
    { sum: 'masked', privacy: { ...privacy, noise: 'distributed', colluding: 10 } },
    /^privacy\.colluding: fewer sites than the quorum/,
  ],
  ['colluding sites where they add no noise', { privacy: { ...privacy, colluding: 1 } }, /^privacy\.colluding: 0/],
  [
    'noise around what is not clipped',
    { privacy, strategy: { name: 'scaffold' } },
    /^strategy\.name: fedavg, .* more leaves a site than the clipped update/,
  ],
  ['noise around compressed updates', { privacy, compression: { kind: 'int8' } }, /^compression\.kind: none/],
  [
    'noise for nobody knows how many',
    { privacy, cohort: { fraction: 1 }, partition: { kind: 'natural' } },
    /^cohort\.size: a number of sites/,
  ],
  [
    'single records without noise in the steps',
    { privacy: { ...privacy, unit: 'record' } },
    /^privacy\.unit: site, or privacy\.noise dp-sgd/,
  ],
  ['whole sites by noise in the steps', { privacy: { ...privacy, noise: 'dp-sgd', unit: 'site' } }, /^privacy\.unit: record or patient/],
  [
    'a strategy that tells losses around private steps',
    { privacy: { ...privacy, noise: 'dp-sgd' }, strategy: { name: 'qfedavg' } },
    /^strategy\.name: fedavg, .* more leaves a site than the model/,
  ],
  [
    'private steps of a recurrent network',
    { privacy: { ...privacy, noise: 'dp-sgd' }, model: { kind: 'gru' } },
    /^model\.kind: .* every time step$/,
  ],
  [
    'private steps through batch norm',
    { privacy: { ...privacy, noise: 'dp-sgd' }, model: { kind: 'convnet', norm: 'batch' } },
    /^model\.norm: group or none: batch norm mixes/,
  ],
  [
    'private steps of a loss that knows how many rows each class has',
    { privacy: { ...privacy, noise: 'dp-sgd' }, local: { loss: { kind: 'calibrated' } } },
    /^local\.loss\.kind: plain/,
  ],
  [
    'private steps of balanced batches',
    { privacy: { ...privacy, noise: 'dp-sgd' }, local: { sampling: 'balanced' } },
    /^local\.sampling: shuffled/,
  ],
  [
    'private steps of mixed records',
    { privacy: { ...privacy, noise: 'dp-sgd' }, local: { augment: [{ kind: 'mixup' }] } },
    /^local\.augment: nothing that mixes records/,
  ],
  [
    'a learned bound of local noise',
    { privacy: { ...privacy, noise: 'local', adaptive: {} } },
    /^privacy\.adaptive: nothing, or central noise/,
  ],
  [
    'a budget that one step exceeds',
    { privacy: { epsilon: 1, noise: 'dp-sgd', sampleRate: 1, noiseMultiplier: 1 } },
    /^privacy\.noiseMultiplier: more noise/,
  ],
  ['an end that goes by losses', { privacy, stopping: { patience: 3 } }, /^stopping: nothing: training losses/],
  ['a budget that one round exceeds', { privacy: { epsilon: 1, noiseMultiplier: 1 } }, /^privacy\.noiseMultiplier: more noise.* ε = 4\.7/],
])('refuses %s when the spec is read, and says why', (_, input, issue) => {
  expect(issuesOf(input).join('\n')).toMatch(new RegExp(issue.source, 'm'))
})
