// What of this room needs Node.
export { safePrimes } from './safe-primes.node.ts'
