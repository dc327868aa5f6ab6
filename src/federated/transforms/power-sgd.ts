// PowerSGD: each matrix of the difference as a product of two thin ones, found by one step of power iteration a round. Both halves are sums: they go under masks.
// Vogels, Karimireddy, Jaggi 2019, "PowerSGD: practical low-rank gradient compression for distributed optimization", NeurIPS, algorithms 1 and 2:
//   M_k ← Δ_k + e_k;   P ← mean(M_k·Q);   P̂ ← orthonormal columns of P;   Q ← mean(M_kᵀ·P̂);   Δ ← P̂·Qᵀ;   e_k ← M_k − P̂·(M_kᵀ·P̂)ᵀ
// Vectors, and matrices that would not get smaller, travel whole with P. e_k is what of its own M_k a site could not send in the span of P̂.
import type { Layout, LayoutEntry } from '../../algebra/index.ts'
import { float32Codec, seed, structCodec } from '../../base/index.ts'
import { type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import { joined, minus, plus } from '../arithmetic.ts'
import { type ModelState, modelStateCodec } from '../strategies/fed-avg.ts'
import { count } from '../strategies/option.ts'
import type { Algorithm, LocalWork } from '../strategy.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { publishedCodec, type Update } from '../update.ts'
import { type Matrix, orthonormal, product, transposedProduct } from './matrices.ts'

/** The model, and Q of every matrix from the last round, one after the other. */
export interface PowerSgdState {
  readonly model: ModelState
  readonly right: Float32Array
}

/** Options of {@link powerSgd}. */
export interface PowerSgdOptions extends Omit<MeanBounds, 'layout' | 'length'> {
  readonly layout: Layout
  /** Columns of P and Q. The paper uses 1 to 4. */
  readonly rank: number
}

/** A tensor as a matrix: its first axis against all others. */
const shapeOf = ({ shape, size }: LayoutEntry): readonly [rows: number, columns: number] => [
  shape[0] ?? 1,
  size / Math.max(1, shape[0] ?? 1),
]

/** PowerSGD with the mean by rows. A node keeps e_k, `[size]`; a round sends (rows + columns) · rank numbers for each matrix. */
export const powerSgd = <Site>(
  { layout, rank, ...bounds }: PowerSgdOptions,
  work: LocalWork<Site>,
  via: SumProtocol<'linear'> | SumProtocol<'any'>,
): Algorithm<PowerSgdState, Float32Array, Site> => {
  count('PowerSGD', 'rank', rank)
  const isThin = (entry: LayoutEntry): boolean => {
    const [rows, columns] = shapeOf(entry)
    return (rows + columns) * rank < entry.size
  }
  const [thin, rest] = [layout.entries.filter(isThin), layout.entries.filter((entry) => !isThin(entry))]
  const whole = (values: Float32Array): readonly Float32Array[] => rest.map(({ offset, size }) => values.slice(offset, offset + size))
  /** Cuts a vector of all left (or right) halves into matrices of `rank` columns. */
  const halves = (side: 0 | 1, values: Float32Array): readonly Matrix[] => {
    let start = 0
    return thin.map((entry) => {
      const rows = shapeOf(entry)[side]
      start += rows * rank
      return { rows, columns: rank, values: Float64Array.from(values.subarray(start - rows * rank, start)) }
    })
  }
  const matrices = (values: Float32Array): readonly Matrix[] =>
    thin.map((entry) => {
      const [rows, columns] = shapeOf(entry)
      return { rows, columns, values: Float64Array.from(values.subarray(entry.offset, entry.offset + entry.size)) }
    })
  /** The vector whose matrices are left · rightᵀ and whose other tensors are `others`. */
  const assembled = (left: readonly Matrix[], right: readonly Matrix[], others: ArrayLike<number>): Float32Array => {
    const values = new Float32Array(layout.size)
    for (const [i, { offset }] of thin.entries()) values.set(product(left[i]!, right[i]!, 'transposed').values, offset)
    let start = 0
    for (const { offset, size } of rest) for (let i = 0; i < size; i += 1) values[offset + i] = others[start++]!
    return values
  }
  const leftLength = thin.reduce((sum, entry) => sum + shapeOf(entry)[0] * rank, 0)
  const rightLength = thin.reduce((sum, entry) => sum + shapeOf(entry)[1] * rank, 0)
  const restLength = rest.reduce((sum, { size }) => sum + size, 0)
  const first = weightedMean({ ...bounds, length: leftLength + restLength })
  const second = weightedMean({ ...bounds, length: rightLength })
  const start = (): Float32Array => {
    const random = seed('power iteration').random()
    return Float32Array.from({ length: rightLength }, () => random.normal())
  }
  return {
    name: `powersgd(${rank})`,
    init: (params) => ({ model: { params, loss: Number.NaN }, right: start() }),
    program: () => async (round, state) => {
      const model = await round.broadcast(
        publishedCodec,
        await round.atServer(({ model: { params }, right }) => ({ values: params.values, numbers: {}, vectors: { right } }), state),
      )
      const wanted = await round.atClients(
        async (node, { values }, lost) => {
          const trained = await work(node, { values, numbers: {}, vectors: {} })
          return { ...trained, values: plus(minus(trained.values, values), lost) }
        },
        model,
        round.local,
      )
      const lefts = await round.atClients(
        (_, { values, weight, loss }, { vectors }): Update => {
          const right = halves(1, vectors['right']!)
          const left = matrices(values).map((matrix, i) => product(matrix, right[i]!).values)
          return { values: joined(...left, ...whole(values)), weight, ...(loss === undefined ? {} : { loss }) }
        },
        wanted,
        model,
      )
      const mean = await round.aggregate(first, via, lefts)
      // what all agree on is rounded to float32 before anyone uses it
      const basis = await round.atServer(
        ({ values }) => joined(...halves(0, Float32Array.from(values.subarray(0, leftLength))).map((left) => orthonormal(left).values)),
        mean,
      )
      const shared = await round.broadcast(float32Codec, basis)
      const rights = await round.atClients(
        (_, { values, weight }, left): Update => ({
          values: joined(...matrices(values).map((matrix, i) => transposedProduct(matrix, halves(0, left)[i]!).values)),
          weight,
        }),
        wanted,
        shared,
      )
      const back = await round.aggregate(second, via, rights)
      return {
        server: await round.atServer(
          ({ model: { params } }, { values, loss }, left, { values: both }): PowerSgdState => {
            const right = Float32Array.from(both)
            const moved = assembled(halves(0, left), halves(1, right), values.subarray(leftLength))
            return { model: { params: { layout, values: plus(params.values, moved) }, loss }, right }
          },
          state,
          mean,
          basis,
          back,
        ),
        clients: await round.atClients(
          (_, { values }, left, own) => minus(values, assembled(halves(0, left), halves(1, own.values), joined(...whole(values)))),
          wanted,
          shared,
          rights,
        ),
      }
    },
    model: ({ model }) => model.params,
    loss: ({ model }) => model.loss,
    stateCodec: structCodec<PowerSgdState>({ model: modelStateCodec, right: float32Codec }),
    local: { init: () => new Float32Array(layout.size), codec: float32Codec },
  }
}
