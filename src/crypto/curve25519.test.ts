import { expect, test } from 'vitest'
import { csprng, fromHex, sha256, toHex } from '../base/index.ts'
import { type Curve25519, curve25519, curve25519InWasm, POINT_BYTES } from './curve25519.ts'
import { libsodium } from './sodium.ts'

const context = new Uint8Array(32).fill(3)
const items = (count: number): readonly Uint8Array[] => Array.from({ length: count }, (_, i) => new TextEncoder().encode(`item ${i}`))
const group = await curve25519()

test('hashing is Elligator on Edwards points, each then converted as libsodium does it', async () => {
  const sodium = await libsodium()
  // more than share an inversion
  const list = items(1100)
  const points = group.hashToPoints(context, list)
  list.forEach((item, i) => {
    const edwards = sodium.crypto_core_ed25519_from_uniform(sha256(Uint8Array.of(...context, ...item)))
    expect(toHex(points.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES))).toBe(toHex(sodium.crypto_sign_ed25519_pk_to_curve25519(edwards)))
  })
})

test('a product is that of the Edwards group, up to its sign', async () => {
  const sodium = await libsodium()
  for (const item of items(20)) {
    const by = group.scalar(csprng())
    const edwards = sodium.crypto_core_ed25519_from_uniform(sha256(Uint8Array.of(...context, ...item)))
    const product = sodium.crypto_sign_ed25519_pk_to_curve25519(sodium.crypto_scalarmult_ed25519_noclamp(by, edwards))
    expect(toHex(group.multiply(by, group.hashToPoints(context, [item])))).toBe(toHex(product))
  }
})

test('the vector of RFC 7748, section 5.2', () => {
  const product = group.multiply(
    fromHex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'),
    fromHex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'),
  )
  expect(toHex(product)).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552')
})

test.each<[string, () => Promise<Curve25519>]>([
  ['here', curve25519],
  ['in WebAssembly', curve25519InWasm],
])('blinding is undone, scalars commute, small orders are refused: %s', async (_, make) => {
  const own = await make()
  const points = own.hashToPoints(context, items(3))
  expect(points).toEqual(group.hashToPoints(context, items(3)))
  for (let run = 0; run < 10; run++) {
    const { blind, unblind } = own.blinding(csprng())
    const key = own.scalar(csprng())
    const answered = own.multiply(key, own.multiply(blind, points))
    expect(own.multiply(unblind, answered)).toEqual(group.multiply(key, points))
  }
  const small = [
    '00',
    '01',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]
  for (const hex of small) expect(() => own.multiply(own.scalar(csprng()), fromHex(hex.padEnd(64, '0')))).toThrow(/large order/)
})
