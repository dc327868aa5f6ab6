// Numbers as people read them, the same in every picture, table and line.
import { lessIsBetter } from '../comparison.ts'
import type { Interval } from '../statistics/index.ts'

/** A measure with three decimals; numbers of 100 and more with three digits; a dash where there is none. */
export const figure = (value: number | null | undefined): string => {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const text = Math.abs(value) >= 100 ? value.toPrecision(4) : value.toFixed(3)
  return text.replace('-', '−')
}

/** A difference with its sign. */
export const signed = (value: number): string => (value > 0 ? `+${figure(value)}` : figure(value))

/** An interval as `.931–.965`: the dash is read as a range because both ends are never negative; else with an ellipsis. */
export const range = (interval: Interval | null): string =>
  interval === null
    ? ''
    : interval.low < 0
      ? `${figure(interval.low)} … ${figure(interval.high)}`
      : `${figure(interval.low)}–${figure(interval.high)}`

/** A p-value: `< .001`, else three decimals. */
export const pValue = (p: number | null | undefined): string => (p === null || p === undefined ? '–' : p < 0.001 ? '< 0.001' : p.toFixed(3))

/** Bytes with a unit, in thousands. */
export const bytes = (count: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3))
  const scaled = count / 1000 ** step
  return `${scaled.toFixed(step === 0 || scaled >= 100 ? 0 : 1)} ${units[step] ?? ''}`
}

/** Seconds with a unit. */
export const duration = (seconds: number): string => {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Whether `a` is better than `b` by this measure. */
export const isBetter = (measure: string, a: number, b: number): boolean => (lessIsBetter.has(measure) ? a < b : a > b)
