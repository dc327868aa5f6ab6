// Secret and reproducible randomness never pass for each other.
import type { Csprng, Random } from './index.ts'

declare const secret: Csprng
declare const reproducible: Random

// @ts-expect-error reproducible numbers are no secrets
const asSecret: Csprng = reproducible
// @ts-expect-error secret numbers cannot be drawn again
const asReproducible: Random = secret
// @ts-expect-error even a record with all its functions is not one: only csprng() makes them
const forged: Csprng = { fill: secret.fill, uint32: secret.uint32, uniform: secret.uniform, integer: secret.integer }

export { asReproducible, asSecret, forged }
