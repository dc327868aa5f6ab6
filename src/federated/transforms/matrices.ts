// Small dense matrices, row-major in float64: what low-rank compression needs.

export interface Matrix {
  readonly rows: number
  readonly columns: number
  /** `[rows, columns]`. */
  readonly values: Float64Array
}

/** a · b, or a · bᵀ. */
export const product = (a: Matrix, b: Matrix, as: 'as is' | 'transposed' = 'as is'): Matrix => {
  const columns = as === 'as is' ? b.columns : b.rows
  const values = new Float64Array(a.rows * columns)
  for (let r = 0; r < a.rows; r += 1)
    for (let c = 0; c < columns; c += 1) {
      let sum = 0
      for (let k = 0; k < a.columns; k += 1)
        sum += a.values[r * a.columns + k]! * b.values[as === 'as is' ? k * b.columns + c : c * b.columns + k]!
      values[r * columns + c] = sum
    }
  return { rows: a.rows, columns, values }
}

/** aᵀ · b. */
export const transposedProduct = (a: Matrix, b: Matrix): Matrix => {
  const values = new Float64Array(a.columns * b.columns)
  for (let k = 0; k < a.rows; k += 1)
    for (let r = 0; r < a.columns; r += 1)
      for (let c = 0; c < b.columns; c += 1) values[r * b.columns + c]! += a.values[k * a.columns + r]! * b.values[k * b.columns + c]!
  return { rows: a.columns, columns: b.columns, values }
}

/** Columns made orthonormal from left to right (modified Gram–Schmidt). A column that depends on those before it becomes 0. */
export const orthonormal = ({ rows, columns, values }: Matrix): Matrix => {
  const out = values.slice()
  const dot = (i: number, j: number): number => {
    let sum = 0
    for (let r = 0; r < rows; r += 1) sum += out[r * columns + i]! * out[r * columns + j]!
    return sum
  }
  for (let c = 0; c < columns; c += 1) {
    const before = Math.sqrt(dot(c, c))
    for (let other = 0; other < c; other += 1) {
      const along = dot(other, c)
      for (let r = 0; r < rows; r += 1) out[r * columns + c]! -= along * out[r * columns + other]!
    }
    const left = Math.sqrt(dot(c, c))
    const scale = left > 1e-7 * before ? 1 / left : 0
    for (let r = 0; r < rows; r += 1) out[r * columns + c]! *= scale
  }
  return { rows, columns, values: out }
}
