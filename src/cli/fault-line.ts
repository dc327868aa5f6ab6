// One clear line for whatever went wrong, in the person's language.
import { YimengError } from '../base/index.ts'
import type { Terminal } from './terminal.ts'

/** What --json says of a fault. */
export const faultRecord = (error: unknown): Readonly<Record<string, unknown>> =>
  error instanceof YimengError
    ? { code: error.code, cannot: error.cannot, expected: error.expected, got: error.got, where: error.where, message: error.message }
    : { code: 'unexpected', message: error instanceof Error ? error.message : String(error) }

const firstLine = (text: string): string => text.split('\n')[0] ?? ''

/** The line, without a stack. Faults that name a field of a spec say it in the language's own words where the schema has them. */
export const faultLine = (error: unknown, { texts, paint }: Pick<Terminal, 'texts' | 'paint'>): string => {
  const head = `${paint(['bold', 'red'], texts.fault.error)}${texts.fault.colon}`
  if (!(error instanceof YimengError)) {
    const message = error instanceof Error ? firstLine(error.message) : String(error)
    return `${head}${texts.fault.unexpected(message)} (${texts.fault.debugHint})`
  }
  return `${head}${firstLine(texts.fault.tell(error))}`
}
