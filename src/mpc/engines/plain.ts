// The plain engine: programs in the clear, for tests. It computes exactly what the real engine computes, truncation apart (which is exact here, and within one unit there).
import { addWords, concatWords, gatherWords, multiplyWords, scaleWords, subtractWords, sumWords, type Words } from '../arithmetic/words.ts'
import type { MatrixShape } from '../arithmetic/held-matrix.ts'
import { evaluatePlain } from '../boolean/gmw.ts'
import { planesOfWords, wordsOfPlanes } from '../boolean/planes.ts'
import type { Party } from '../party.ts'
import type { Held, Secure, Shared, Sharing } from '../secure.ts'
import { checkAnnounced, checkInputs, checkPlaces, checkSameLength } from '../shapes.ts'
import { insideOf, insideOfMatrix, knownOf, likeParts, makeHeld, makeMatrix, makeShared, partyOf } from './values.ts'

const wordsOf = (x: Shared<Sharing>): Words => insideOf(x) as Words
const clear = <K extends Sharing>(kind: K, words: Words, width = 64): Shared<K> => makeShared(kind, words.length, width, words)
const valueOf = <T>(x: Held<Party, T>): T => (knownOf(x) as { readonly value: T }).value
const masked = (words: Words, width: number): Words => words.map((word) => BigInt.asUintN(width, word))

// only arithmetic shares are cut
const narrower = (x: Shared<Sharing>, width: number): number => (x.kind === 'arithmetic' ? width : x.width)

const floorDivide = (x: bigint, by: bigint): bigint => {
  const quotient = x / by
  return x % by < 0n ? quotient - 1n : quotient
}

/** An engine in the clear. */
export const plainEngine = (): Secure => {
  const sharing =
    <K extends Sharing>(kind: K) =>
    (x: Held<Party, Words>, length: number, width: number): Shared<K> => {
      const words = valueOf(x)
      checkAnnounced(words, length)
      return clear(kind, masked(words, width), width)
    }
  return {
    name: 'plain',
    held: (party, read) => makeHeld(party, { value: read() }),
    mapHeld: (x, f) => makeHeld(partyOf(x), { value: f(valueOf(x)) }),
    share: (x, length) => sharing('arithmetic')(x, length, 64),
    shareBits: sharing('boolean'),
    shareLabels: async (x, length, width) => sharing('yao')(x, length, width),
    constant: (values) => clear('arithmetic', values),
    open: async (x) => wordsOf(x).slice(),
    reveal: async (x, to) => makeHeld(to, { value: wordsOf(x).slice() }),
    add: (x, y) => {
      checkSameLength('add', x, y)
      return clear('arithmetic', addWords(wordsOf(x), wordsOf(y)))
    },
    subtract: (x, y) => {
      checkSameLength('subtract', x, y)
      return clear('arithmetic', subtractWords(wordsOf(x), wordsOf(y)))
    },
    scale: (x, factor) => clear('arithmetic', scaleWords(wordsOf(x), factor)),
    sum: (x) => clear('arithmetic', sumWords(wordsOf(x))),
    slice: (x, from, to) => clear('arithmetic', wordsOf(x).slice(from, to)),
    concat: (parts) => clear('arithmetic', concatWords(parts.map(wordsOf))),
    gather: (parts, places) => {
      const width = checkPlaces(parts, places)
      return likeParts(parts, clear(parts[0]?.kind ?? 'arithmetic', gatherWords(parts.map(wordsOf), places), width))
    },
    multiply: async (x, y) => {
      checkSameLength('multiply', x, y)
      return clear('arithmetic', multiplyWords(wordsOf(x), wordsOf(y)))
    },
    truncate: async (x, { by, over }) =>
      clear(
        'arithmetic',
        wordsOf(x).map((word) => BigInt.asUintN(64, floorDivide(BigInt.asIntN(64, word) * over, by))),
      ),
    prepareMatrix: async <P extends Party>(x: Held<P, Words>, shape: MatrixShape) => {
      checkAnnounced(valueOf(x), shape.rows * shape.columns)
      return makeMatrix<P>(partyOf(x), shape, valueOf(x))
    },
    products: async (list) =>
      list.map(({ matrix, vector, transposed = false }) => {
        const { rows, columns } = matrix.shape
        checkAnnounced(vector, transposed ? rows : columns)
        const values = insideOfMatrix(matrix) as Words
        const v = wordsOf(vector)
        const out = new BigUint64Array(transposed ? columns : rows)
        for (let j = 0; j < columns; j++)
          for (let i = 0; i < rows; i++) {
            const [to, from] = transposed ? [j, i] : [i, j]
            out[to] = (out[to] as bigint) + (values[j * rows + i] as bigint) * (v[from] as bigint)
          }
        return clear('arithmetic', out)
      }),
    circuit: async (circuit, inputs) => {
      const length = checkInputs(circuit, inputs)
      const planes = inputs.map((x) => planesOfWords(wordsOf(x), x.width))
      const kind = inputs[0]?.kind ?? 'boolean'
      return evaluatePlain(circuit, planes, length).map((out) => likeParts(inputs, clear(kind, wordsOfPlanes(out), out.width)))
    },
    toArithmetic: async (x) => clear('arithmetic', wordsOf(x)),
    toBoolean: async (x, width = x.width) => clear('boolean', masked(wordsOf(x), narrower(x, width)), narrower(x, width)),
    toYao: async (x, width = x.width) => clear('yao', masked(wordsOf(x), narrower(x, width)), narrower(x, width)),
    prepare: async () => undefined,
  }
}
