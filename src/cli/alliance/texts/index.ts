// What the commands of the alliance say, in three languages.
import type { Language } from '../../../judge/words.ts'
import type { AllianceTexts } from './alliance-texts.ts'
import { en } from './en.ts'
import { zhCN } from './zh-CN.ts'
import { zhTW } from './zh-TW.ts'

/** The catalogue of each language. */
export const allianceTexts: Readonly<Record<Language, AllianceTexts>> = { en, 'zh-CN': zhCN, 'zh-TW': zhTW }

export type { AllianceTexts }
