// What is wrong with a run spec, in the reader's language: zod's issues with paths, known keys and near names.
import { z } from 'zod'
import en from 'zod/v4/locales/en.js'
import zhCN from 'zod/v4/locales/zh-CN.js'
import zhTW from 'zod/v4/locales/zh-TW.js'
import { YimengError } from '../base/index.ts'
import { closeNames } from '../data/index.ts'

/** Languages of the product. */
export type Language = 'en' | 'zh-CN' | 'zh-TW'

/** One thing that is wrong with a spec. */
export interface SpecIssue {
  /** Where, as in `--set`: `strategy.mu`, `task.table.files.0`; empty for the whole spec. */
  readonly path: string
  readonly kind: 'unknownKey' | 'value'
  /** What was expected, in English. */
  readonly expected: string
  /** What is wrong, in the language asked for. */
  readonly message: string
  /** Names that may have been meant, nearest first: keys for an unknown key, values for an unknown choice. */
  readonly near: readonly string[]
}

/** A run spec that cannot be used. `issues` has every fault; the message (in English) tells the first. */
export class SpecError extends YimengError {
  readonly issues: readonly SpecIssue[]

  constructor(fault: ConstructorParameters<typeof YimengError>[0], issues: readonly SpecIssue[]) {
    super(fault)
    this.name = 'SpecError'
    this.issues = issues
  }
}

const locales = { en: en(), 'zh-CN': zhCN(), 'zh-TW': zhTW() } as const
const say = (issue: object, language: Language): string => {
  const text = locales[language].localeError(issue as Parameters<(typeof locales)['en']['localeError']>[0])
  return typeof text === 'string' ? text : (text?.message ?? 'invalid')
}

type Json = Readonly<Record<string, unknown>>
const isRecord = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x)
const branches = (schema: Json): readonly Json[] => {
  const inner = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((list) => (Array.isArray(list) ? (list as Json[]) : []))
  return [schema, ...inner.flatMap(branches)]
}

/** Whether a branch of a union may be what `value` means: where a branch wants one word, and `value` has another, it is not. */
const isMeant = ({ properties }: Json, value: unknown): boolean =>
  !isRecord(properties) ||
  !isRecord(value) ||
  Object.entries(properties).every(
    ([key, wants]) => !isRecord(wants) || [undefined, value[key]].includes(wants['const']) || value[key] === undefined,
  )

/** Keys that the schema knows at `path`, in all branches of unions that `value`, what stands there, may mean. */
const keysAt = (schema: z.ZodType, path: readonly PropertyKey[], value: unknown): readonly string[] => {
  let here: readonly Json[] = branches(z.toJSONSchema(schema, { io: 'input' }))
  for (const step of path)
    here = here.flatMap((branch) => {
      const next =
        typeof step === 'number' ? branch['items'] : isRecord(branch['properties']) ? branch['properties'][String(step)] : undefined
      return isRecord(next) ? branches(next) : []
    })
  const meant = here.filter((branch) => isMeant(branch, value))
  return [...new Set(meant.flatMap((branch) => (isRecord(branch['properties']) ? Object.keys(branch['properties']) : [])))]
}

/** The issue of a union that says most: that of the branch that got deepest. A string beside an object leaves the object's issues when the value is an object. */
const deepest = (issue: z.core.$ZodIssue): z.core.$ZodIssue => {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const depth = (branch: readonly z.core.$ZodIssue[]) =>
    Math.max(...branch.map((inner) => inner.path.length + (inner.code === 'unrecognized_keys' ? 1 : 0)))
  const best = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0]?.[0]
  return best === undefined ? issue : deepest({ ...best, path: [...issue.path, ...best.path] })
}

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, step) => (isRecord(inner) || Array.isArray(inner) ? (inner as Json)[String(step)] : undefined), value)

const listed = (values: readonly unknown[]): string => (values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`)

const typeWords: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a record',
}

/** What an issue wanted, in English, as a YimengError says it. */
const wanted = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') return 'a known key'
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const [open, bound] = issue.code === 'too_small' ? ['more than', issue.minimum] : ['less than', issue.maximum]
    const words = issue.inclusive === false ? open : issue.code === 'too_small' ? 'at least' : 'at most'
    return `${words} ${bound}${issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : ''}`
  }
  if (issue.code === 'invalid_type') return typeWords[issue.expected] ?? `a value of type ${issue.expected}`
  if (issue.code === 'invalid_value') return listed(issue.values)
  if (issue.code === 'custom') return issue.message
  return 'a valid value'
}

/** Every fault of `value` against `schema`; empty when there is none. */
export const specIssues = (schema: z.ZodType, value: unknown, language: Language): readonly SpecIssue[] => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return []
  return parsed.error.issues.flatMap((raw): readonly SpecIssue[] => {
    const found = deepest(raw)
    const got = at(value, found.path)
    // a union without its discriminator is a wrong choice among names
    const options =
      found.code === 'invalid_union' && 'options' in found && Array.isArray(found.options) ? found.options.map(String) : undefined
    const issue = options === undefined ? found : ({ code: 'invalid_value', values: options, path: found.path, message: '' } as const)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: [...issue.path, key].map(String).join('.'),
        kind: 'unknownKey',
        expected: wanted(issue),
        message: say({ ...issue, keys: [key], input: got }, language),
        near: closeNames(key, keysAt(schema, issue.path, got)),
      }))
    return [
      {
        path: issue.path.map(String).join('.'),
        kind: 'value',
        expected: wanted(issue),
        message: issue.code === 'custom' ? issue.message : say({ ...issue, input: got }, language),
        near: issue.code === 'invalid_value' && typeof got === 'string' ? closeNames(got, issue.values.map(String)) : [],
      },
    ]
  })
}

/** The error for these issues (at least one) of `value`. `file` names where it came from. */
export const specError = (issues: readonly SpecIssue[], value: unknown, file?: string): SpecError => {
  const issue = issues[0] ?? { path: '', kind: 'value', expected: 'a valid spec', message: '', near: [] }
  const steps = issue.path.split('.')
  const got = at(value, steps)
  // only plain values are shown, so that the error stays one line
  const shown = ['string', 'number', 'boolean'].includes(typeof got)
    ? JSON.stringify(got)
    : got === undefined
      ? 'nothing'
      : got === null
        ? 'null'
        : Array.isArray(got)
          ? 'a list'
          : 'a record'
  const meant = issue.near.length === 0 ? '' : `; did you mean ${issue.near.join(' or ')}?`
  return new SpecError(
    {
      code: issue.kind === 'unknownKey' ? 'spec-unknown-key' : 'spec-value',
      cannot: 'use run spec',
      expected: issue.expected,
      got: `${issue.kind === 'unknownKey' ? JSON.stringify(steps.at(-1)) : shown}${meant}`,
      where: { ...(file === undefined ? {} : { file }), ...(issue.path === '' ? {} : { field: issue.path }) },
    },
    issues,
  )
}
