// Names of runs: short, sorted by time, fit to be typed. Six letters of time, two of chance, in Crockford's base 32 (no i, l, o, u).
import { csprng, now } from '../../base/index.ts'

const letters = '0123456789abcdefghjkmnpqrstvwxyz'
/** 2026-01-01: six letters of seconds then last until 2060. */
const epochMs = Date.UTC(2026, 0, 1)

const spell = (value: number, length: number): string =>
  Array.from({ length }, (_, i) => letters[Math.floor(value / 32 ** (length - 1 - i)) % 32]).join('')

/** A fresh name, such as `0t4k9c7q`. Names of later seconds sort later; two runs of one second differ with probability 1023/1024 (the journal refuses a repeated name). */
export const runId = (): string => spell(Math.max(0, Math.floor((now() - epochMs) / 1000)), 6) + spell(csprng().integer(1024), 2)
