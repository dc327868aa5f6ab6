// `--partition dirichlet:0.1:10`: how rows are spread over sites, in one word.
import type { RunSpecInput } from '../tasks/index.ts'
import { UsageError } from './options.ts'
import type { Texts } from './messages/index.ts'

type PartitionInput = NonNullable<RunSpecInput['partition']>

/** What stands after the kind, in order; the last may be left out where the spec has a default for it. */
const parts: Readonly<Record<PartitionInput['kind'], readonly string[]>> = {
  natural: [],
  iid: ['sites'],
  dirichlet: ['alpha', 'sites'],
  classDirichlet: ['alpha', 'sites', 'minimumRows'],
  labelShards: ['shardsPerSite', 'sites'],
  missingClasses: ['classesPerSite', 'sites'],
  quantitySkew: ['alpha', 'sites', 'minimumRows'],
}

/** How each kind is written, for messages. */
const forms = Object.entries(parts)
  .map(([kind, names]) => [kind, ...names].join(':'))
  .join(', ')

/** The partition that a text like `dirichlet:0.1:10` means. Values are checked with the whole spec. @throws UsageError */
export const partitionOf = (text: string, texts: Texts): PartitionInput => {
  const [kind = '', ...values] = text.split(':')
  const names = Object.hasOwn(parts, kind) ? parts[kind as PartitionInput['kind']] : undefined
  const least = names?.filter((name) => name !== 'minimumRows').length ?? 0
  const numbers = values.map(Number)
  const wrong = numbers.some((value, i) => values[i]?.trim() === '' || !Number.isFinite(value))
  if (names === undefined || values.length < least || values.length > names.length || wrong)
    throw new UsageError(texts.usage.badValue('--partition', text, texts.usage.oneOf(forms)))
  return { kind, ...Object.fromEntries(numbers.map((value, i) => [names[i] ?? '', value])) } as PartitionInput
}
