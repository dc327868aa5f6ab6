// The data sets that Yimeng knows by name.
import { breastCancer } from './breast-cancer.ts'
import { diabetes } from './diabetes.ts'
import { digits } from './digits.ts'
import { heartDisease, heartDiseaseFull } from './heart-disease.ts'
import { iris } from './iris.ts'
import type { NamedDataSet } from './named-data-set.ts'

export type { DataFile, NamedDataSet, NamedSet } from './named-data-set.ts'

/** The named data sets, in the order in which they are listed. */
export const namedDataSets: readonly NamedDataSet[] = [breastCancer, heartDisease, heartDiseaseFull, iris, digits, diabetes]
