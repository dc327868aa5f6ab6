export { type AttackOptions, type AttackReport, attack, type Inversion, type View, views } from './attack.ts'
export { areaText, attackPage, attackRecord, meanCorrelation, recognised } from './page.ts'
export { type AttackTexts, attackTexts } from './texts.ts'
