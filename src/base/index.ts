export type { Channel, Traffic } from './channel.ts'
export type { Codec } from './codec.ts'
export { type Fault, type Where, YimengError } from './errors.ts'
export type { Random, Seed } from './seed.ts'
