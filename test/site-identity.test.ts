// Keys of protected sums, signed by certified sites: a server that puts its own keys in a site's place is caught by the site's name.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { YimengError } from '../src/base/index.ts'
import { authority } from '../src/coordinator/authority.ts'
import { type Identity, masked, weightedMean } from '../src/federated/index.ts'
import { rosterCodec } from '../src/federated/sums/masked/messages.ts'
import { type Passing, playSum } from '../src/federated/sums/masked.test-support.ts'
import { keyAndRequest } from '../src/node/identity.ts'
import { acquaintance, peersOf } from '../src/node/peers.ts'
import { certifiedSites } from '../src/runtime/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'yimeng-identity-'))
afterAll(() => rm(folder, { recursive: true }))
const ca = await authority(join(folder, 'ca'))
const sites = ['n0', 'n1', 'n2', 'n3']
const how = weightedMean({ length: 4 })
const inputs = Object.fromEntries(sites.map((site) => [site, { values: new Float32Array(4), weight: 1 }]))

/** Key and certificate of a site, by its authority. */
const admitted = async (site: string, by = ca) => {
  const { key, request } = await keyAndRequest(site)
  const { certificate } = await by.issue(site, request)
  return { key, certificate }
}
const own = new Map(await Promise.all(sites.map(async (site) => [site, await admitted(site)] as const)))
const identity = (site: string, more: { readonly key: string; readonly certificate: string } | undefined = own.get(site)): Identity =>
  certifiedSites({
    authority: ca.certificate,
    ...(more === undefined ? {} : { own: more, known: acquaintance(join(folder, site)) }),
  })
const told = (error: unknown): string =>
  error instanceof YimengError ? `${error.code} of ${error.where['node']}: ${error.got}` : String(error)

test('certified sites add up; who shows up later under a known name with another certified key is refused by name, and so is a key of another authority', async () => {
  const first = await playSum({ how, inputs, protocol: (who) => masked({ identity: identity(who) }), quorum: 4 })
  expect(first.failures.size).toBe(0)
  expect(first.collected.kind).toBe('collected')
  expect(Object.keys(await peersOf(join(folder, 'n0')))).toEqual(expect.arrayContaining(sites))

  // the coordinator has the authority's key: it certifies a key of its own under the name of n2
  const forged = await admitted('n2')
  const swapped = await playSum({
    how,
    inputs,
    protocol: (who) => masked({ identity: who === 'n2' ? identity(who, forged) : identity(who) }),
    quorum: 3,
  })
  for (const site of ['n0', 'n1', 'n3'])
    expect(told(swapped.failures.get(site))).toBe('masked-key of n2: another key than the one this site knows it by')
  expect(swapped.collected.kind).toBe('lostQuorum')

  // whoever has not met the site takes the authority's word; who has no certificate of this authority gets nowhere at all
  const foreign = await admitted('n2', await authority(join(folder, 'foreign')))
  const refused = await playSum({
    how,
    inputs,
    protocol: (who) => masked({ identity: who === 'n2' ? identity(who, foreign) : identity(who) }),
    quorum: 3,
  })
  expect(refused.collected.refused.get('n2')).toContain('a certificate that the authority did not give')
  expect(refused.collected).toMatchObject({ kind: 'collected', from: ['n0', 'n1', 'n3'] })
})

test('a server that swaps a key on the way, signs for one site with the certificate of another, or drops a signature is caught by name', async () => {
  const play = (
    change: (
      advert: {
        readonly encryption: Uint8Array
        readonly masking: Uint8Array
        readonly selfDigest: Uint8Array
        readonly signature: Uint8Array
      },
      of: (site: string) => Uint8Array,
    ) => object,
  ) => {
    const line = ({ node, way, phase, frame }: Passing): Uint8Array => {
      if (!(way === 'down' && phase === 1 && node === 'n0')) return frame
      const roster = rosterCodec.decode(frame)
      const signatureOf = (site: string) => roster.find((each) => each.node === site)?.signature ?? new Uint8Array(0)
      return rosterCodec.encode(roster.map((each) => (each.node === 'n2' ? { ...each, ...change(each, signatureOf) } : each)))
    }
    return playSum({ how, inputs, protocol: (who) => masked({ identity: identity(who) }), quorum: 4, line })
  }
  const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte))
  const swapped = await play(({ masking }) => ({ masking: flipped(masking) }))
  expect(told(swapped.failures.get('n0'))).toBe('masked-key of n2: a signature that is not its own')
  const borrowed = await play((_, of) => ({ signature: of('n1') }))
  expect(told(borrowed.failures.get('n0'))).toBe('masked-key of n2: the certificate of another site')
  const bare = await play(() => ({ signature: new Uint8Array(0) }))
  expect(told(bare.failures.get('n0'))).toBe('masked-key of n2: keys that are not signed')
})

test('a renewed certificate keeps its key, so that others still know the site', async () => {
  const { key } = await keyAndRequest('n9')
  const renewed = await keyAndRequest('n9', key)
  const certificates = await Promise.all(
    [await keyAndRequest('n9', key), renewed].map(async ({ request }) => (await ca.issue('n9', request)).certificate),
  )
  const known = acquaintance(join(folder, 'n8'))
  const bytes = Uint8Array.of(1, 2, 3)
  for (const certificate of certificates) {
    const site = certifiedSites({ authority: ca.certificate, own: { key, certificate }, known })
    expect(await site.doubt('n9', bytes, (await site.sign?.(bytes)) ?? new Uint8Array(0))).toBeUndefined()
  }
})
