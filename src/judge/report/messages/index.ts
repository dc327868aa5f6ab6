import { en, type ReportTexts } from './en.ts'
import { zhCN } from './zh-CN.ts'
import { zhTW } from './zh-TW.ts'

/** Languages that people read messages and reports in. */
export type Language = 'en' | 'zh-CN' | 'zh-TW'

/** The report's texts by language. */
export const reportTexts: Readonly<Record<Language, ReportTexts>> = { en, 'zh-CN': zhCN, 'zh-TW': zhTW }

export type { ReportTexts }
