// Where the command line speaks: results to standard output, progress and faults to standard error; with --json everything human goes to standard error.
import { styleText } from 'node:util'
import { type Language, type ReportTexts, reportTexts } from '../judge/words.ts'
import { type Texts, textsOf } from './messages/index.ts'

/** Colours and weights that are used. */
export type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** The voice of one command. */
export interface Terminal {
  readonly language: Language
  readonly texts: Texts
  /** Names of measures and methods. */
  readonly names: Pick<ReportTexts, 'measures' | 'methods'>
  readonly json: boolean
  readonly quiet: boolean
  /** A line for people. */
  readonly say: (line?: string) => void
  /** A line on standard error that `quiet` silences. */
  readonly note: (line: string) => void
  /** A fault: always shown, on standard error. */
  readonly warn: (line: string) => void
  /** Lines of data for other programs, as they are; only without --json. */
  readonly data: (text: string) => void
  /** The one JSON object of --json; nothing without it. Call it last. */
  readonly result: (value: Readonly<Record<string, unknown>>) => void
  /** Styles text where `say` shows colours (a terminal, no NO_COLOR). */
  readonly paint: (paint: Paint | readonly Paint[], text: string) => string
  /** Columns of the screen that `say` writes to; undefined where it is no terminal. */
  readonly columns: number | undefined
}

/** Numbers that JSON does not know (NaN, infinite) become null. */
const jsonLine = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' && !Number.isFinite(one) ? null : one))

/** The terminal of this process. */
export const terminal = (language: Language, json: boolean, quiet: boolean): Terminal => {
  const people = json ? process.stderr : process.stdout
  const colourful = people.isTTY && (process.env['NO_COLOR'] ?? '') === ''
  return {
    language,
    texts: textsOf(language),
    names: reportTexts[language],
    json,
    quiet,
    say: (line = '') => people.write(`${line}\n`),
    note: (line) => void (quiet || process.stderr.write(`${line}\n`)),
    warn: (line) => process.stderr.write(`${line}\n`),
    data: (text) => void (json || process.stdout.write(text)),
    result: (value) => void (json && process.stdout.write(`${jsonLine(value)}\n`)),
    paint: (paint, text) => (colourful ? styleText(typeof paint === 'string' ? paint : [...paint], text, { validateStream: false }) : text),
    columns: people.isTTY ? people.columns : undefined,
  }
}
