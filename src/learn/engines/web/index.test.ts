// The engine on a runtime that is handed in. Here it is ONNX Runtime's build for Node, which has the same interface as the one for browsers.
import * as runtime from 'onnxruntime-node'
import { describe } from 'vitest'
import { engineSuite } from '../engine.suite.ts'
import { webEngine } from './index.ts'

describe('web engine', () => engineSuite(() => webEngine({ runtime: runtime, providers: ['cpu'] })))
