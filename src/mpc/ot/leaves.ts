// From base transfers to trees of seeds with one leaf missing: the extension's receiver knows all 2^k leaves of each tree, its sender all but the one whose number is k bits of its delta
// (puncturable function of Goldreich, Goldwasser and Micali, dealt by k base transfers: Roy 2022, SoftSpokenOT, section 4). Level l of a tree decides bit l of a leaf's number. With k = 1
// a tree is a pair of base keys and nothing travels. Adversary: semi-honest. What leaks: nothing.
import { concatBytes } from '../../base/index.ts'
import { keystream } from '../symmetric.ts'
import { KAPPA } from './base-ot.ts'

/** Seeds of 16 bytes by tree, then by leaf. */
export type Leaves = readonly (readonly Uint8Array[])[]

const SEED = 16

/** Payload bytes of what the receiver sends: two masked sums for each level but the first of each tree. */
export const treeBytes = (depth: number): number => (KAPPA / depth) * (depth - 1) * 2 * SEED

const children = (node: Uint8Array): readonly [Uint8Array, Uint8Array] => {
  const both = keystream(node).next(2 * SEED)
  return [Uint8Array.from(both.subarray(0, SEED)), Uint8Array.from(both.subarray(SEED))]
}

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] as number))
const sumOf = (nodes: readonly Uint8Array[]): Uint8Array => nodes.reduce(xor, new Uint8Array(SEED))

/** The extension's receiver, which sent the base transfers: all leaves, and what it tells the sender. */
export const allLeaves = (
  pairs: readonly (readonly [Uint8Array, Uint8Array])[],
  depth: number,
): { readonly leaves: Leaves; readonly message: Uint8Array } => {
  const told: Uint8Array[] = []
  const leaves = Array.from({ length: KAPPA / depth }, (_, tree) => {
    let nodes: readonly Uint8Array[] = pairs[tree * depth] as readonly [Uint8Array, Uint8Array]
    for (let level = 1; level < depth; level++) {
      const [zero, one] = pairs[tree * depth + level] as readonly [Uint8Array, Uint8Array]
      const next = nodes.map(children)
      const [left, right] = [next.map(([node]) => node), next.map(([, node]) => node)]
      told.push(xor(sumOf(left), zero), xor(sumOf(right), one))
      nodes = [...left, ...right]
    }
    return nodes
  })
  return { leaves, message: concatBytes(...told) }
}

/** Bits of a tree's missing leaf. */
const missingOf = (delta: Uint8Array, tree: number, depth: number): number =>
  Array.from({ length: depth }, (_, b) => {
    const bit = tree * depth + b
    return (((delta[bit >> 3] ?? 0) >> (bit & 7)) & 1) << b
  }).reduce((sum, bit) => sum | bit, 0)

/**
 * The extension's sender, which received in the base transfers with the complement of `delta` as choices: leaf `x` of a tree stands at x XOR the missing one's number, so that the missing
 * leaf is the first, and empty.
 */
export const puncturedLeaves = (keys: readonly Uint8Array[], delta: Uint8Array, depth: number, message: Uint8Array): Leaves =>
  Array.from({ length: KAPPA / depth }, (_, tree) => {
    const missing = missingOf(delta, tree, depth)
    let nodes: (Uint8Array | undefined)[] = [undefined, undefined]
    nodes[1 - (missing & 1)] = keys[tree * depth] as Uint8Array
    for (let level = 1; level < depth; level++) {
      const known = 1 - ((missing >> level) & 1)
      const next = nodes.map((node) => (node === undefined ? undefined : children(node)))
      const at = (tree * (depth - 1) + level - 1) * 2 * SEED + known * SEED
      const sum = xor(message.subarray(at, at + SEED), keys[tree * depth + level] as Uint8Array)
      const parent = missing & ((1 << level) - 1)
      const side = (which: 0 | 1): (Uint8Array | undefined)[] => next.map((pair) => pair?.[which])
      const sides = [side(0), side(1)] as const
      const repaired = sides[known as 0 | 1]
      repaired[parent] = xor(sum, sumOf(repaired.filter((node) => node !== undefined)))
      nodes = [...sides[0], ...sides[1]]
    }
    return nodes.map((__, y) => nodes[y ^ missing] ?? new Uint8Array(0))
  })
