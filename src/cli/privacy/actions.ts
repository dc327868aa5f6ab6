// What the privacy commands do.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { policyOf, siteLedger } from '../../node/index.ts'
import { plan, pld, rdp } from '../../privacy/index.ts'
import { showRun } from '../../simulation/index.ts'
import { neighboursLine, type Observer, privacyReport, runSpecSchema } from '../../tasks/index.ts'
import { type CommonOptions, UsageError } from '../options.ts'
import { runNamed } from '../run-reference.ts'
import type { Terminal } from '../terminal.ts'
import { privacyTexts } from './texts.ts'

/** Options of `privacy plan`, as typed. */
export interface PlanOptions extends CommonOptions {
  readonly epsilon: string
  readonly delta: string
  readonly rounds: string
  readonly poisson?: string
  readonly accountant: 'rdp' | 'pld'
}

/** Options of `privacy ledger`, as typed. */
export interface LedgerOptions extends CommonOptions {
  readonly delta: string
}

const short = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '∞')

const numberIn = (option: string, text: string, fits: (value: number) => boolean, { language }: Terminal): number => {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && fits(value)) return value
  throw new UsageError(privacyTexts[language].notANumber(option, text))
}
const isDelta = (delta: number): boolean => delta > 0 && delta < 1

/** `privacy plan`. */
export const planned = (options: PlanOptions, terminal: Terminal): void => {
  const { say, result, paint, language } = terminal
  const texts = privacyTexts[language]
  const number = (option: string, text: string, fits: (value: number) => boolean): number => numberIn(option, text, fits, terminal)
  const probability = options.poisson === undefined ? undefined : number('--poisson', options.poisson, (p) => p > 0 && p <= 1)
  const made = plan({
    epsilon: number('--epsilon', options.epsilon, (epsilon) => epsilon > 0),
    delta: number('--delta', options.delta, isDelta),
    rounds: number('--rounds', options.rounds, (rounds) => Number.isSafeInteger(rounds) && rounds >= 1),
    accountant: { rdp, pld }[options.accountant](),
    ...(probability === undefined ? {} : { sampling: { kind: 'poisson', probability } as const }),
  })
  const last = made.curve.at(-1)?.round ?? 1
  say(paint('bold', texts.multiplier(short(made.noiseMultiplier), short(made.noisePerClip))))
  say(texts.costs(short(made.epsilon), String(made.delta), last, made.accountant))
  for (const { round, epsilon } of made.curve) say(`  ${texts.after(round, short(epsilon))}`)
  if (probability !== undefined) say(paint('yellow', texts.secretSample))
  const { noiseMultiplier, noisePerClip, adjacency, accountant, epsilon, delta, curve } = made
  result({ command: 'privacy plan', noiseMultiplier, noisePerClip, adjacency, accountant, epsilon, delta, rounds: last, curve })
}

/** `privacy report`. */
export const reported = async (reference: string, terminal: Terminal): Promise<void> => {
  const { say, result, paint, language } = terminal
  const texts = privacyTexts[language]
  const record = await showRun(await runNamed(reference))
  const spec = runSpecSchema.parse(record.spec)
  const report = privacyReport(spec, record.events)
  const { budget, observers, assumptions } = report
  if (budget === undefined) say(paint('yellow', texts.noBudget))
  else {
    say(paint('bold', texts.spent(short(budget.most.epsilon), String(budget.delta), short(budget.epsilon))))
    say(texts.unit[budget.unit])
    if (budget.stoppedAfter !== undefined) say(texts.stopped(budget.stoppedAfter))
    for (const [site, { charges, epsilon }] of Object.entries(budget.sites)) say(`  ${texts.bySite(site, charges, short(epsilon))}`)
  }
  say()
  say(paint('bold', texts.whoSees))
  for (const observer of Object.keys(observers) as Observer[])
    say(`  ${texts.seen(texts.observers[observer], texts.sights[observers[observer]])}`)
  const near = neighboursLine(spec, language)
  if (near !== undefined) say(`  ${near}`)
  say()
  say(paint('bold', texts.assumed))
  for (const assumption of assumptions) say(`  · ${texts.assumptions[assumption]}`)
  result({ command: 'privacy report', runId: record.runId, ...report })
}

/** `privacy ledger`. */
export const ledgerShown = async (folder: string, options: LedgerOptions, terminal: Terminal): Promise<void> => {
  const { say, result, paint, language } = terminal
  const texts = privacyTexts[language]
  const delta = numberIn('--delta', options.delta, isDelta, terminal)
  if (!existsSync(join(folder, 'ledger.sqlite'))) throw new UsageError(texts.noLedger(folder))
  const ledger = await siteLedger(folder)
  try {
    const { budget } = await policyOf(folder)
    const units: Record<string, { readonly charges: number; readonly epsilon: number }> = {}
    for (const unit of ['record', 'patient', 'site'] as const) {
      const spent = await ledger.spent(unit, unit === budget?.unit ? budget.delta : delta)
      if (spent.charges === 0 && unit !== budget?.unit) continue
      units[unit] = spent
      const [at, most] = unit === budget?.unit ? [budget.delta, short(budget.epsilon)] : [delta, undefined]
      say(paint('bold', texts.overAllRuns(short(spent.epsilon), String(at), spent.charges, most)))
      say(texts.unit[unit])
    }
    result({ command: 'privacy ledger', folder, delta, units, ...(budget === undefined ? {} : { budget }) })
  } finally {
    await ledger.close()
  }
}
