// Correlated transfers over Z/2^64 in groups of `width`: a group multiplies one integer of the receiver, given by its bits, with one word m of the sender. Bit b carries m << b
// (negated for the last bit when `signed`: two's complement). Only the lowest 64 - b bits of bit b's correction matter, so it travels in (71 - b) / 8 bytes (Asharov and others 2013,
// section 5.4). Groups run over outer x inner; the words m and the accumulators are addressed by two strides in words each. Corrections need 8 bytes of room behind their end.

/** Sender: corrections c = h0 - h1 + m, accumulators -= h0 << b. Hashes are blocks, of which the first word counts. */
export function correlateSend(
  h0: usize, h1: usize, outer: usize, inner: usize, width: usize, signed: bool,
  words: usize, wordOuter: usize, wordInner: usize, sums: usize, sumOuter: usize, sumInner: usize, corrections: usize,
): void {
  for (let j: usize = 0; j < outer; j++) {
    for (let i: usize = 0; i < inner; i++) {
      const m = load<u64>(words + ((j * wordOuter + i * wordInner) << 3))
      const at = sums + ((j * sumOuter + i * sumInner) << 3)
      let sum = load<u64>(at)
      const last = width - 1
      for (let b: usize = 0; b < last; b++) {
        const x = load<u64>(h0)
        store<u64>(corrections, x - load<u64>(h1) + m)
        sum -= x << b
        h0 += 16
        h1 += 16
        corrections += (71 - b) >> 3
      }
      const x = load<u64>(h0)
      store<u64>(corrections, x - load<u64>(h1) + (signed ? 0 - m : m))
      sum -= x << last
      h0 += 16
      h1 += 16
      corrections += (71 - last) >> 3
      store<u64>(at, sum)
    }
  }
}

/** Receiver: accumulators += (h + bit * c) << b. `choices` are packed bits, one per transfer, in the order of the transfers. */
export function correlateReceive(
  h: usize, choices: usize, outer: usize, inner: usize, width: usize,
  sums: usize, sumOuter: usize, sumInner: usize, corrections: usize,
): void {
  let k: usize = 0
  for (let j: usize = 0; j < outer; j++) {
    for (let i: usize = 0; i < inner; i++) {
      const at = sums + ((j * sumOuter + i * sumInner) << 3)
      let sum = load<u64>(at)
      for (let b: usize = 0; b < width; b++) {
        const bit = (<u64>load<u8>(choices + (k >> 3)) >> (k & 7)) & 1
        sum += (load<u64>(h) + (load<u64>(corrections) & (0 - bit))) << b
        h += 16
        corrections += (71 - b) >> 3
        k++
      }
      store<u64>(at, sum)
    }
  }
}

/** Boolean to arithmetic, sender: for bit b of its share x the correlation is 1 - 2 x_b; accumulators += (x_b - h0) << b. */
export function bitsSend(h0: usize, h1: usize, count: usize, width: usize, words: usize, sums: usize, corrections: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const x = load<u64>(words + (i << 3))
    let sum = load<u64>(sums + (i << 3))
    for (let b: usize = 0; b < width; b++) {
      const bit = (x >> b) & 1
      const h = load<u64>(h0)
      store<u64>(corrections, h - load<u64>(h1) + 1 - (bit << 1))
      sum += (bit - h) << b
      h0 += 16
      h1 += 16
      corrections += (71 - b) >> 3
    }
    store<u64>(sums + (i << 3), sum)
  }
}
