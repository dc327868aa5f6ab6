// The engine of a run, by its spec.
import type { Engine } from '../learn/index.ts'
import { nativeEngine } from '../learn/engines/native/index.ts'
import { referenceEngine } from '../learn/engines/reference/index.ts'
import type { RunSpec } from './run-spec.ts'

/** Starts it; the caller closes it. */
export const engineOf = ({ kind, ...native }: RunSpec['engine']): Engine => (kind === 'native' ? nativeEngine(native) : referenceEngine())
