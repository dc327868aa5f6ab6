// Progress on standard error: a bar on a terminal, now and then a line elsewhere.
import { Presets, SingleBar } from 'cli-progress'
import { duration } from '../judge/words.ts'
import type { Terminal } from './terminal.ts'

/** How far work has come. */
export interface Progress {
  /** `done` of the total, with what is going on in few words. `line` is what logs get, where it matters. */
  readonly at: (done: number, about: string, line?: string) => void
  /** A line above the bar. */
  readonly tell: (line: string) => void
  readonly end: () => void
}

const silent: Progress = { at: () => {}, tell: () => {}, end: () => {} }

/** Progress towards `total`. */
export const progress = ({ quiet, note, texts }: Terminal, total: number): Progress => {
  if (quiet) return silent
  if (!process.stderr.isTTY) {
    return {
      at: (_, __, line) => line !== undefined && note(line),
      tell: note,
      end: () => {},
    }
  }
  const bar = new SingleBar(
    {
      format: `  {bar} {percentage} %  {about}  {eta_formatted} ${texts.progress.left}`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      barsize: 28,
      // Ctrl-C is ours: the bar must not swallow it or leave the cursor hidden
      gracefulExit: false,
      etaBuffer: 30,
      // nothing is known of the time left at the very start
      formatTime: (seconds) => (Number.isFinite(seconds) ? duration(seconds) : '…'),
    },
    Presets.shades_classic,
  )
  bar.start(total, 0, { about: '' })
  return {
    at: (done, about) => bar.update(done, { about }),
    tell: (line) => {
      process.stderr.write(`\r\u001b[K${line}\n`)
      bar.render()
    },
    end: () => bar.stop(),
  }
}
