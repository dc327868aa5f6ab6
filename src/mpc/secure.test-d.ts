// Misuses that must not compile.
import type { Held, HeldMatrix, Secure, Shared } from './index.ts'
import { equal, lessThan } from './index.ts'

declare const engine: Secure
declare const arithmetic: Shared<'arithmetic'>
declare const boolean: Shared<'boolean'>
declare const yao: Shared<'yao'>
declare const words: BigUint64Array
declare const guest: Held<'guest', BigUint64Array>
declare const host: Held<'host', BigUint64Array>
declare const matrix: HeldMatrix<'host'>

// well typed
export const sum: Shared<'arithmetic'> = engine.add(arithmetic, arithmetic)
export const less: Promise<Shared<'yao'>> = lessThan(engine, yao, yao, { signed: true })
export const shown: Promise<Held<'guest', BigUint64Array>> = engine.reveal(arithmetic, 'guest')
export const doubled: Held<'guest', number> = engine.mapHeld(guest, (values) => values.length)
void engine.products([{ matrix, vector: arithmetic }])

// @ts-expect-error a held value is not readable
export const peek: BigUint64Array = guest
// @ts-expect-error a shared value is not readable
export const look: BigUint64Array = arithmetic
// @ts-expect-error bits are not numbers over Z/2^64
engine.add(arithmetic, boolean)
// @ts-expect-error products need arithmetic shares
void engine.multiply(yao, yao)
// @ts-expect-error two kinds of shares do not mix in a circuit
void lessThan<'boolean'>(engine, boolean, yao, { signed: false })
// @ts-expect-error comparing needs bits: convert first
void equal(engine, arithmetic, arithmetic)
// @ts-expect-error what one party holds is not the other's
export const swapped: Held<'guest', BigUint64Array> = host
// @ts-expect-error clear numbers are not shared by accident
engine.add(arithmetic, words)
// @ts-expect-error a held value must be shared before it is opened
void engine.open(guest)
// @ts-expect-error a share cannot be forged from its description
export const forged: Shared<'arithmetic'> = { kind: 'arithmetic', length: 1, width: 64 }
// @ts-expect-error what a party learns stays with it
export const learnt: Promise<Held<'host', BigUint64Array>> = engine.reveal(arithmetic, 'guest')
