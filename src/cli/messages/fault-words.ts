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

/** The teller of a language: the whole fault in one line, or the English line for a code that has no words yet. */
export const tellerOf =
  (words: FaultWords) =>
  (fault: YimengError): string => {
    const cannot = Object.hasOwn(words.cannot, fault.code)
      ? words.cannot[fault.code]?.replace('{}', nameIn(fault.cannot)).trim()
      : undefined
    if (cannot === undefined) return fault.message
    const said = (phrase: string): string => {
      const [, bare, near] = /^(.*); did you mean (.+)\?$/.exec(phrase) ?? []
      if (bare !== undefined && near !== undefined) return `${said(bare)}${words.didYouMean(near.replaceAll(' or ', words.or))}`
      for (const [pattern, replacement] of words.phrases) if (pattern.test(phrase)) return phrase.replace(pattern, replacement)
      return phrase
    }
    const places = Object.entries(fault.where)
      .map(([key, value]) => words.place(words.where[key] ?? key, String(value)))
      .join('，')
    const issue = firstIssue(fault)
    return issue === undefined
      ? words.frame(cannot, said(fault.expected), said(fault.got), places)
      : words.specFrame(cannot, issue.message, said(fault.got), places)
  }
