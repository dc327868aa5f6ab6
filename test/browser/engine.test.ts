// The conformance suite of engines on onnxruntime-web, in a real browser: the same graphs as natively.
import * as runtime from 'onnxruntime-web/wasm'
import { describe } from 'vitest'
import { engineSuite } from '../../src/learn/engines/engine.suite.ts'
import { webEngine } from '../../src/learn/engines/web/index.ts'

runtime.env.wasm.numThreads = 1
describe('web engine in Chromium', () => engineSuite(() => webEngine({ runtime })))
