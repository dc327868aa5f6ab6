// Normal noise in floating point. Not exact: 53-bit uniforms cut the tails at 8.6 standard deviations, which happens with chance 1e-17, and the low bits of a sum with a
// float can betray the float (Mironov 2012). Integer noise does neither: see integer-noise.ts.
import type { Csprng } from '../../base/index.ts'

/** Standard normals, one a call (Box and Muller 1958), made in pairs. */
export const normals = (rng: Csprng): (() => number) => {
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const second = spare
      spare = undefined
      return second
    }
    // 1 − u lies in (0, 1]: its logarithm is finite
    const radius = Math.sqrt(-2 * Math.log(1 - rng.uniform()))
    const angle = 2 * Math.PI * rng.uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
