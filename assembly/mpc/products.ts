// Products over Z/2^64, words of 64 bits: of vectors, and of matrices in tiles of 2 x 4 sums that stay in registers.

/** c += a * b, words. */
export function multiplyAdd(c: usize, a: usize, b: usize, count: usize): void {
  const end = count << 3
  for (let i: usize = 0; i < end; i += 8) store<u64>(c + i, load<u64>(c + i) + load<u64>(a + i) * load<u64>(b + i))
}

/** c += a . b with a [n, k], b [k, m], c [n, m], row-major words. */
export function matrixMultiply(a: usize, b: usize, c: usize, n: usize, k: usize, m: usize): void {
  const row = m << 3
  let i: usize = 0
  for (; i + 2 <= n; i += 2) {
    const a0 = a + ((i * k) << 3)
    const a1 = a0 + (k << 3)
    let j: usize = 0
    for (; j + 4 <= m; j += 4) {
      const c0 = c + ((i * m + j) << 3)
      const c1 = c0 + row
      let s00 = load<u64>(c0), s01 = load<u64>(c0, 8), s02 = load<u64>(c0, 16), s03 = load<u64>(c0, 24)
      let s10 = load<u64>(c1), s11 = load<u64>(c1, 8), s12 = load<u64>(c1, 16), s13 = load<u64>(c1, 24)
      let at = b + (j << 3)
      for (let p: usize = 0; p < k; p++) {
        const x0 = load<u64>(a0 + (p << 3))
        const x1 = load<u64>(a1 + (p << 3))
        const y0 = load<u64>(at), y1 = load<u64>(at, 8), y2 = load<u64>(at, 16), y3 = load<u64>(at, 24)
        s00 += x0 * y0
        s01 += x0 * y1
        s02 += x0 * y2
        s03 += x0 * y3
        s10 += x1 * y0
        s11 += x1 * y1
        s12 += x1 * y2
        s13 += x1 * y3
        at += row
      }
      store<u64>(c0, s00)
      store<u64>(c0, s01, 8)
      store<u64>(c0, s02, 16)
      store<u64>(c0, s03, 24)
      store<u64>(c1, s10)
      store<u64>(c1, s11, 8)
      store<u64>(c1, s12, 16)
      store<u64>(c1, s13, 24)
    }
    for (; j < m; j++) {
      let s0: u64 = 0, s1: u64 = 0
      for (let p: usize = 0; p < k; p++) {
        const y = load<u64>(b + ((p * m + j) << 3))
        s0 += load<u64>(a0 + (p << 3)) * y
        s1 += load<u64>(a1 + (p << 3)) * y
      }
      const at = c + ((i * m + j) << 3)
      store<u64>(at, load<u64>(at) + s0)
      store<u64>(at + row, load<u64>(at + row) + s1)
    }
  }
  for (; i < n; i++) {
    for (let j: usize = 0; j < m; j++) {
      let s: u64 = 0
      for (let p: usize = 0; p < k; p++) s += load<u64>(a + ((i * k + p) << 3)) * load<u64>(b + ((p * m + j) << 3))
      const at = c + ((i * m + j) << 3)
      store<u64>(at, load<u64>(at) + s)
    }
  }
}
