import type { Language } from '../../judge/words.ts'
import { en, type Texts } from './en.ts'
import { zhCN } from './zh-CN.ts'
import { zhTW } from './zh-TW.ts'

const catalogues: Readonly<Record<Language, Texts>> = { en, 'zh-CN': zhCN, 'zh-TW': zhTW }

/** The catalogue of a language. */
export const textsOf = (language: Language): Texts => catalogues[language]

export type { Texts }
