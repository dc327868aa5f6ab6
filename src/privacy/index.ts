export { type Bounded, type Clip, clip, l2Norm, provenBound, type Vector } from './clip.ts'
export type { DpEvent } from './events.ts'
export { gaussian } from './gaussian.ts'
export type { Mechanism } from './mechanism.ts'
