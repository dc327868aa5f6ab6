// What a secure program is written against: values held by one party, values shared by both, and the operations between them. Three engines run the same program: `plain` in the
// clear (tests), `cost` without values (messages, bytes and rounds), `aby` for real between two processes. Adversary: semi-honest parties that run the agreed program.
// What leaks: sizes, and exactly what the program opens or reveals. Control flow is public: a program may branch on its parameters and on opened values, never on held or shared ones.
import type { Divisor } from './arithmetic/truncate.ts'
import type { MatrixShape } from './arithmetic/held-matrix.ts'
import type { Words } from './arithmetic/words.ts'
import type { Circuit } from './circuits/circuit.ts'
import type { Party } from './party.ts'

/** How a value is shared: additively over Z/2^64, by XOR, or as labels of garbled circuits. */
export type Sharing = 'arithmetic' | 'boolean' | 'yao'

declare const held: unique symbol
declare const shared: unique symbol
declare const matrix: unique symbol

/** A value that only party `P` has. Opaque: it is used through the engine. */
export interface Held<P extends Party, T> {
  readonly [held]: readonly [P, T]
  readonly party: P
}

/** A vector of `length` integers of `width` bits that no party has. */
export interface Shared<K extends Sharing> {
  readonly [shared]: K
  readonly kind: K
  readonly length: number
  readonly width: number
}

/** A matrix that `P` holds, ready for products with shared vectors. */
export interface HeldMatrix<P extends Party> {
  readonly [matrix]: P
  readonly holder: P
  readonly shape: MatrixShape
}

/** X v, or X^T v where `transposed`. */
export interface HeldProduct {
  readonly matrix: HeldMatrix<Party>
  readonly vector: Shared<'arithmetic'>
  readonly transposed?: boolean
}

/** The operations. Lengths and widths are public; the asynchronous operations of one engine run one after the other, in the order in which they were called. */
export interface Secure {
  readonly name: 'plain' | 'cost' | 'aby'
  /** A value of `party`. `read` runs where that party runs: at both in `plain`, nowhere in `cost`. */
  readonly held: <P extends Party, T>(party: P, read: () => T) => Held<P, T>
  /** Computes at the holder. */
  readonly mapHeld: <P extends Party, T, U>(x: Held<P, T>, f: (value: T) => U) => Held<P, U>

  /** Shares a held vector of `length` words. No message: the peer draws its share from a common seed. */
  readonly share: (x: Held<Party, Words>, length: number) => Shared<'arithmetic'>
  /** Shares the lowest `width` bits of each word by XOR. No message. */
  readonly shareBits: (x: Held<Party, Words>, length: number, width: number) => Shared<'boolean'>
  /** Shares the lowest `width` bits of each word as labels. 16 bytes a bit from the guest, 24 from the host. */
  readonly shareLabels: (x: Held<Party, Words>, length: number, width: number) => Promise<Shared<'yao'>>
  /** A public vector as a shared one. */
  readonly constant: (values: Words) => Shared<'arithmetic'>

  /** Shows `x` to both parties (zeros in `cost`). */
  readonly open: (x: Shared<Sharing>) => Promise<Words>
  /** Shows `x` to one party. */
  readonly reveal: <P extends Party>(x: Shared<Sharing>, to: P) => Promise<Held<P, Words>>

  readonly add: (x: Shared<'arithmetic'>, y: Shared<'arithmetic'>) => Shared<'arithmetic'>
  readonly subtract: (x: Shared<'arithmetic'>, y: Shared<'arithmetic'>) => Shared<'arithmetic'>
  /** x times a public integer. */
  readonly scale: (x: Shared<'arithmetic'>, factor: bigint) => Shared<'arithmetic'>
  /** The sum of all elements, a vector of one. */
  readonly sum: (x: Shared<'arithmetic'>) => Shared<'arithmetic'>
  /** Elements [from, to). */
  readonly slice: (x: Shared<'arithmetic'>, from: number, to: number) => Shared<'arithmetic'>
  readonly concat: (parts: readonly Shared<'arithmetic'>[]) => Shared<'arithmetic'>
  /** The elements at public `places`, counted through all parts, which have one width. No message. */
  readonly gather: <K extends Sharing>(parts: readonly Shared<K>[], places: readonly number[]) => Shared<K>

  /** x * y modulo 2^64, element by element: one exchange of 16 bytes an element, and a triple made ahead (1,600 bytes). */
  readonly multiply: (x: Shared<'arithmetic'>, y: Shared<'arithmetic'>) => Promise<Shared<'arithmetic'>>
  /** x divided by a public number, to within one unit, as signed integers: `exact` for |x| < 2^62 (one transfer an element), `local` without a message but wrong with probability |x| / 2^63. */
  readonly truncate: (x: Shared<'arithmetic'>, divisor: Divisor, how: 'exact' | 'local') => Promise<Shared<'arithmetic'>>
  /** Transfers the bits of a held matrix (column-major, signed integers of `shape.bits` bits), once for any number of products. */
  readonly prepareMatrix: <P extends Party>(x: Held<P, Words>, shape: MatrixShape) => Promise<HeldMatrix<P>>
  /** Several products with held matrices in one exchange: at most 8 bytes per bit of each matrix. */
  readonly products: (list: readonly HeldProduct[]) => Promise<readonly Shared<'arithmetic'>[]>

  /** Evaluates a circuit on vectors of one length. */
  readonly circuit: <K extends 'boolean' | 'yao'>(circuit: Circuit, inputs: readonly Shared<K>[]) => Promise<readonly Shared<K>[]>

  /** To Z/2^64, as unsigned integers. One transfer a bit. */
  readonly toArithmetic: (x: Shared<Sharing>) => Promise<Shared<'arithmetic'>>
  /** To XOR shares: free from labels; from arithmetic through a garbled adder, the lowest `width` bits only (default 64). */
  readonly toBoolean: (x: Shared<Sharing>, width?: number) => Promise<Shared<'boolean'>>
  /** To labels: one transfer a bit from XOR shares; from arithmetic through a garbled adder, the lowest `width` bits only (default 64). */
  readonly toYao: (x: Shared<Sharing>, width?: number) => Promise<Shared<'yao'>>

  /** Makes randomness ahead: `products` multiplications, `bitGates` AND gates times rows. */
  readonly prepare: (ahead: { readonly products?: number; readonly bitGates?: number }) => Promise<void>
}

/** A program: both parties run it, each on its own side, with its own part of the input. */
export type SecureProgram<I, O> = (engine: Secure, input: I) => Promise<O>

/** How much randomness is made at a time when it runs out. Both sides must agree. */
export interface PoolSizes {
  /** Products over Z/2^64. */
  readonly products: number
  /** AND gates times rows, a multiple of 128. */
  readonly bitGates: number
}

/** 256 products and 65,536 bit gates: about 10 ms each. */
export const defaultPools: PoolSizes = { products: 256, bitGates: 1 << 16 }

/** How many to make when `have` are left and `need` are wanted: at least a batch. */
export const refill = (have: number, need: number, batch: number, multiple: number): number =>
  have >= need ? 0 : Math.ceil(Math.max(need - have, batch) / multiple) * multiple
