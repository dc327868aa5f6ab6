import { plain } from './plain.ts'
import { sumProtocolSuite } from './sum-protocol.suite.ts'

sumProtocolSuite('plain', plain)
