import { describe } from 'vitest'
import { engineSuite } from '../engine.suite.ts'
import { referenceEngine } from './index.ts'

describe('reference engine', () => engineSuite(referenceEngine))
