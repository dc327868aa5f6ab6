// What `yimeng attack` does.
import { join } from 'node:path'
import {
  type AttackReport,
  areaText,
  attack,
  attackPage,
  attackRecord,
  attackTexts,
  meanCorrelation,
  recognised,
  views,
} from '../../judge/index.ts'
import { figure } from '../../judge/words.ts'
import { showRun } from '../../simulation/index.ts'
import { privacyLine } from '../../tasks/index.ts'
import { type CommonOptions, UsageError } from '../options.ts'
import { resultsFolder } from '../results-folder.ts'
import { runNamed } from '../run-reference.ts'
import { stoppable } from '../stop.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'
import { attackCommandTexts } from './texts.ts'

/** Options of `attack`, as typed. */
export interface AttackCommandOptions extends CommonOptions {
  readonly rows?: string
  readonly steps?: string
  readonly shadows?: string
  readonly epsilon?: string
  readonly out?: string
}

const numbersOf = (options: AttackCommandOptions, { language }: Terminal) => {
  const number = (option: 'rows' | 'steps' | 'shadows' | 'epsilon', fits: (value: number) => boolean) => {
    const text = options[option]
    if (text === undefined) return {}
    const value = Number(text)
    if (text.trim() !== '' && Number.isFinite(value) && fits(value)) return { [option]: value }
    throw new UsageError(attackCommandTexts[language].notANumber(`--${option}`, text))
  }
  const whole = (from: number, to: number) => (value: number) => Number.isInteger(value) && value >= from && value <= to
  return {
    ...number('rows', whole(1, 100)),
    ...number('steps', whole(1, 10_000)),
    ...number('shadows', (value) => whole(2, 256)(value) && value % 2 === 0),
    ...number('epsilon', (value) => value > 0),
  }
}

const show = ({ inversion, membership }: AttackReport, terminal: Terminal): void => {
  const { say, paint, language } = terminal
  const texts = attackTexts[language]
  say(paint('bold', texts.inversion))
  if (typeof inversion === 'string') say(texts.omitted[inversion])
  else {
    const { samples, noise, own, updates } = inversion
    for (const view of views) {
      const found = recognised(inversion, view)
      const line = `${texts.views[view]}: ${texts.correlation} ${figure(meanCorrelation(inversion, view))}, ${texts.recognised(found, samples.length)}`
      say(`  ${found > 0 ? paint('red', line) : paint('green', line)}`)
    }
    say(`  ${texts.noise(String(noise.epsilon), String(noise.delta), figure(noise.multiplier), String(noise.clip))}`)
    if (updates !== undefined) say(`  ${texts.updates(updates.sites, figure(updates.closest), figure(updates.mean))}`)
    say(`  ${texts.own(texts.views[own])}`)
  }
  say()
  say(paint('bold', texts.membership))
  say(texts.membershipNote(membership.members, membership.others, membership.shadows))
  say()
  const rows = membership.models.map(({ name, found }) => [texts.models[name], areaText(found.byLoss), areaText(found.byReference)])
  say(tableText(terminal, [texts.model, texts.byLoss, texts.byReference], rows, 1))
  for (const { name, privacy } of membership.models) say(`${texts.models[name]}: ${privacyLine(privacy, language)}`)
  say(texts.masks)
}

/** `attack`. */
export const attackCommand = async (reference: string, options: AttackCommandOptions, terminal: Terminal): Promise<void> => {
  const { say, note, paint, language, result } = terminal
  const texts = attackCommandTexts[language]
  const numbers = numbersOf(options, terminal)
  const { runId } = await showRun(await runNamed(reference))
  const out = options.out ?? join('attack', runId)
  const folder = await resultsFolder(out)
  try {
    note(paint('bold', texts.begins(runId)))
    const report = await stoppable(terminal, (signal) => attack(runId, { ...numbers, signal }))
    await folder.keep({ 'report.html': attackPage(report, language), 'report.json': `${JSON.stringify(attackRecord(report), null, 1)}\n` })
    show(report, terminal)
    say()
    say(paint('yellow', texts.report(join(out, 'report.html'))))
    result({ command: 'attack', ...attackRecord(report), report: join(out, 'report.html') })
  } catch (error) {
    await folder.drop()
    throw error
  }
}
