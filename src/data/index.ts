export type { Column, Dataset, Partition, Schema } from './types.ts'
