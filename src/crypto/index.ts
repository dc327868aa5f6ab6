export { CPACE_BYTES, type Cpace, cpace } from './cpace.ts'
