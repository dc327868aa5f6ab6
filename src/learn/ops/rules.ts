// The rule table: total over all operations, so that a missing rule does not compile.
import type { Rule, Rules } from '../graph/node.ts'
import { convolutionRules } from './convolution.ts'
import { elementwiseRules } from './elementwise.ts'
import { linearRules } from './linear.ts'
import { normalisationRules } from './normalisation.ts'
import { poolingRules } from './pooling.ts'
import { recurrentRules } from './recurrent.ts'
import { rowRules } from './rows.ts'
import { structureRules } from './structure.ts'

const input: Rule<'input'> = {
  shape: () => {
    throw new TypeError('inputs bring their own shape')
  },
  gradient: () => [],
}

/** Shape and gradient of every operation. */
export const rules: Rules = {
  input,
  constant: { shape: () => [], gradient: () => [] },
  ...elementwiseRules,
  ...rowRules,
  ...linearRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalisationRules,
  ...recurrentRules,
  ...structureRules,
}
