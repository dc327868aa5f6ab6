// Half gates (Zahur, Rosulek and Evans 2015). Labels lie as [wire, row] blocks. A gate is three 32-bit numbers: wires a, b and out. An AND layer of g gates over n rows has g * n
// instances, instance k = gate * n + row; kernels work on instances from .. to. Hash: H(x, t) = p(s(x) ^ t) ^ s(x) ^ t with s(high, low) = (high ^ low, high).

// @ts-ignore: decorator
@inline
function sigma(x: v128): v128 {
  const swapped = v128.shuffle<u8>(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
  return v128.xor(swapped, v128.and(x, i64x2(0, -1)))
}

// @ts-ignore: decorator
@inline
function number(t: u64): v128 {
  return i64x2.replace_lane(i64x2.splat(0), 0, <i64>t)
}

// all ones when the lowest bit of x is set
// @ts-ignore: decorator
@inline
function lowMask(x: v128): v128 {
  return i64x2.splat(0 - (i64x2.extract_lane(x, 0) & 1))
}

const GARBLE_PREPARE: i32 = 0
const GARBLE_FINISH: i32 = 1
const EVALUATE_PREPARE: i32 = 2
const EVALUATE_FINISH: i32 = 3

// One walk over the instances for all four steps: gate by gate, along its rows. `kind` is a constant at every call, so that only its branch is left after inlining. `d` is the offset,
// `t` the tweak of the first instance; `hashes` and `tables` are where the step reads or writes.
// @ts-ignore: decorator
@inline
function eachInstance(kind: i32, labels: usize, rows: usize, gates: usize, from: usize, to: usize, d: v128, t: u64, hashes: usize, tables: usize): void {
  let gate = gates + (from / rows) * 12
  let row = from % rows
  let left = to - from
  while (left > 0) {
    const run = min(left, rows - row)
    let at = labels + ((<usize>load<u32>(gate) * rows + row) << 4)
    let bt = labels + ((<usize>load<u32>(gate, 4) * rows + row) << 4)
    let out = labels + ((<usize>load<u32>(gate, 8) * rows + row) << 4)
    const end = at + (run << 4)
    for (; at < end; at += 16) {
      const a = v128.load(at)
      const b = v128.load(bt)
      if (kind === GARBLE_PREPARE) {
        const t0 = number(t)
        const t1 = number(t + 1)
        v128.store(hashes, v128.xor(sigma(a), t0))
        v128.store(hashes, v128.xor(sigma(v128.xor(a, d)), t0), 16)
        v128.store(hashes, v128.xor(sigma(b), t1), 32)
        v128.store(hashes, v128.xor(sigma(v128.xor(b, d)), t1), 48)
        hashes += 64
        t += 2
      } else if (kind === GARBLE_FINISH) {
        const ha = v128.load(hashes)
        const hb = v128.load(hashes, 32)
        const pa = lowMask(a)
        const pb = lowMask(b)
        const tg = v128.xor(v128.xor(ha, v128.load(hashes, 16)), v128.and(pb, d))
        const te = v128.xor(v128.xor(hb, v128.load(hashes, 48)), a)
        v128.store(tables, tg)
        v128.store(tables, te, 16)
        v128.store(out, v128.xor(v128.xor(ha, v128.and(pa, tg)), v128.xor(hb, v128.and(pb, v128.xor(te, a)))))
        hashes += 64
        tables += 32
      } else if (kind === EVALUATE_PREPARE) {
        v128.store(hashes, v128.xor(sigma(a), number(t)))
        v128.store(hashes, v128.xor(sigma(b), number(t + 1)), 16)
        hashes += 32
        t += 2
      } else {
        const wg = v128.xor(v128.load(hashes), v128.and(lowMask(a), v128.load(tables)))
        const we = v128.xor(v128.load(hashes, 16), v128.and(lowMask(b), v128.xor(v128.load(tables, 16), a)))
        v128.store(out, v128.xor(wg, we))
        hashes += 32
        tables += 32
      }
      bt += 16
      out += 16
    }
    left -= run
    row = 0
    gate += 12
  }
}

/** Four blocks per instance, ready to be encrypted: both labels of a under tweak 2t, both of b under 2t + 1, where t = first + k. */
export function garblePrepare(labels: usize, rows: usize, gates: usize, from: usize, to: usize, delta: usize, first: u64, out: usize): void {
  eachInstance(GARBLE_PREPARE, labels, rows, gates, from, to, v128.load(delta), (first + from) << 1, out, 0)
}

/** From the hashes (four blocks per instance) the tables, two blocks per instance, and the zero labels of the outputs. */
export function garbleFinish(labels: usize, rows: usize, gates: usize, from: usize, to: usize, delta: usize, hashes: usize, tables: usize): void {
  eachInstance(GARBLE_FINISH, labels, rows, gates, from, to, v128.load(delta), 0, hashes, tables)
}

/** Two blocks per instance, ready to be encrypted: the active labels of a and b. */
export function evaluatePrepare(labels: usize, rows: usize, gates: usize, from: usize, to: usize, first: u64, out: usize): void {
  eachInstance(EVALUATE_PREPARE, labels, rows, gates, from, to, i64x2(0, 0), (first + from) << 1, out, 0)
}

/** From the hashes (two blocks per instance) and the tables the active labels of the outputs. */
export function evaluateFinish(labels: usize, rows: usize, gates: usize, from: usize, to: usize, hashes: usize, tables: usize): void {
  eachInstance(EVALUATE_FINISH, labels, rows, gates, from, to, i64x2(0, 0), 0, hashes, tables)
}

/** Free gates, in order: out = a ^ b, or out = a ^ inverted (the garbler's offset, or zero at the evaluator) where b is all ones. */
export function freeGates(labels: usize, rows: usize, gates: usize, count: usize, inverted: usize): void {
  const bytes = rows << 4
  for (let k: usize = 0; k < count; k++) {
    const g = gates + k * 12
    const a = labels + <usize>load<u32>(g) * bytes
    const second = load<u32>(g, 4)
    const out = labels + <usize>load<u32>(g, 8) * bytes
    if (second === 0xffffffff) {
      const d = v128.load(inverted)
      for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.xor(v128.load(a + i), d))
    } else {
      const b = labels + <usize>second * bytes
      for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.xor(v128.load(a + i), v128.load(b + i)))
    }
  }
}
