// Which language a person reads: `--lang`, else the locale of the environment.
import type { Language } from '../judge/words.ts'

export type { Language }

/** Languages with a complete catalogue. */
export const languages: readonly Language[] = ['en', 'zh-CN', 'zh-TW']

/**
 * The language of a locale such as `zh_HK.UTF-8` or `zh-Hant-MO`: traditional characters for Taiwan, Hong Kong, Macau and Hant, simplified for the rest of Chinese,
 * English for all others.
 */
export const languageOf = (locale: string): Language => {
  const parts = locale.toLowerCase().split(/[-_.@]/)
  if (parts[0] !== 'zh') return 'en'
  // the script says more than the region: zh-Hans-HK is simplified
  if (parts.includes('hans')) return 'zh-CN'
  return parts.some((part) => ['tw', 'hk', 'mo', 'hant'].includes(part)) ? 'zh-TW' : 'zh-CN'
}

/** The value of `--lang` in raw arguments, before anything is parsed: help and usage errors are to be in that language already. */
export const languageArgument = (argv: readonly string[]): string | undefined => {
  for (const [i, argument] of argv.entries()) {
    if (argument === '--') return undefined
    if (argument === '--lang') return argv[i + 1]
    if (argument.startsWith('--lang=')) return argument.slice('--lang='.length)
  }
  return undefined
}

/** The language to speak. POSIX order: LC_ALL, LC_MESSAGES, LANG, the first that is set; without any, the system's (Windows, macOS applications). */
export const chooseLanguage = (argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Language => {
  const asked = languageArgument(argv)
  const exact = languages.find((language) => language === asked)
  if (exact !== undefined) return exact
  const locale = [environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']].find(
    (value) => value !== undefined && value !== '',
  )
  return languageOf(locale ?? Intl.DateTimeFormat().resolvedOptions().locale)
}
