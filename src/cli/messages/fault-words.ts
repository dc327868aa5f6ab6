// Faults in Chinese: what could not be done by the fault's stable code; what was expected and what came by phrase, since those carry names and numbers.
import type { YimengError } from '../../base/index.ts'

/** A language's words for faults. */
export interface FaultWords {
  /** What could not be done, by code; `{}` stands for the name in the English phrase. A test holds these to the codes that are thrown. */
  readonly cannot: Readonly<Record<string, string>>
  /** Whole English phrases as patterns, and what they become; the first that fits. */
  readonly phrases: readonly (readonly [RegExp, string])[]
  readonly where: Readonly<Record<string, string>>
  readonly frame: (cannot: string, expected: string, got: string, places: string) => string
  /** For faults of a spec, whose schema speaks the language itself. */
  readonly specFrame: (cannot: string, message: string, got: string, places: string) => string
  readonly didYouMean: (names: string) => string
  readonly place: (key: string, value: string) => string
  readonly or: string
}

const nameIn = (cannot: string): string =>
  /^(?:find (?:(?:label|site|patient) column|column|data set|image set)|load data set|read (?:label|site column|column|table)|learn label|build model|account by|drop column|make|take|deal|split|use|download|store) (.+?)(?: over sites| as the positive class)?$/.exec(
    cannot,
  )?.[1] ?? ''

interface Issue {
  readonly message: string
}

const firstIssue = (fault: YimengError): Issue | undefined => {
  const issues = (fault as { readonly issues?: readonly Issue[] }).issues
  return issues?.[0]
}

interface Told {
  readonly cannot: string
  readonly expected: string
  readonly got: string
  readonly where: readonly (readonly [string, string])[]
}

/** What was expected and what came. Where another process tells its own fault in English, that one: it says more than that it was refused. */
const innermost = ({ cannot, expected, got, where }: YimengError): Told => {
  const places = Object.entries(where).map(([key, value]) => [key, String(value)] as const)
  const inner = /^cannot ([^:]+): expected (.+), got (.+?)(?: \(([a-z]\w* [^()]+)\))?$/i.exec(got)
  if (inner === null) return { cannot, expected, got, where: places }
  const [, innerCannot = cannot, innerExpected = expected, innerGot = got, innerPlaces = ''] = inner
  const more =
    innerPlaces === '' ? [] : innerPlaces.split(', ').map((place) => [place.split(' ')[0] ?? '', place.replace(/^\S+ ?/, '')] as const)
  return { cannot: innerCannot, expected: innerExpected, got: innerGot, where: [...places, ...more.filter(([key]) => !(key in where))] }
}

/** The teller of a language: the whole fault in one line, or the English line for a code that has no words yet. */
export const tellerOf =
  (words: FaultWords) =>
  (fault: YimengError): string => {
    const { expected, got, where, ...told } = innermost(fault)
    const cannot = Object.hasOwn(words.cannot, fault.code) ? words.cannot[fault.code]?.replace('{}', nameIn(told.cannot)).trim() : undefined
    if (cannot === undefined) return fault.message
    const said = (phrase: string): string => {
      const [, bare, near] = /^(.*); did you mean (.+)\?$/.exec(phrase) ?? []
      if (bare !== undefined && near !== undefined) return `${said(bare)}${words.didYouMean(near.replaceAll(' or ', words.or))}`
      for (const [pattern, replacement] of words.phrases) if (pattern.test(phrase)) return phrase.replace(pattern, replacement)
      return phrase
    }
    const issue = firstIssue(fault)
    const places = where.map(([key, value]) => words.place(words.where[key] ?? key, value)).join('，')
    return issue === undefined
      ? words.frame(cannot, said(expected), said(got), places)
      : words.specFrame(cannot, said(issue.message), said(got), places)
  }
