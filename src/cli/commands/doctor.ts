// `yimeng doctor`: how unlike the sites are, what to try first by the frozen rules, and with --try what it brings.
import { examine, thresholds } from '../../judge/index.ts'
import { figure } from '../../judge/words.ts'
import { commandLine } from '../invocation.ts'
import { specOf, taskName } from '../spec-target.ts'
import { Stopped, stoppable } from '../stop.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'
import { type CompareCommandOptions, compareSpec } from './compare.ts'

/** Options of `doctor`. */
export interface DoctorOptions extends CompareCommandOptions {
  readonly try?: boolean
}

/** Examines, recommends, tries. */
export const doctorCommand = async (target: string, options: DoctorOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, note, warn, paint } = terminal
  const spec = await specOf(target, options, terminal)
  note(paint('bold', texts.doctor.intro(taskName(spec.task))))
  try {
    const diagnosis = await stoppable(terminal, (signal) => examine(spec, { signal }))
    const { skew, finding, method } = diagnosis
    const mark = (value: number, least: number) => (value >= least ? paint('yellow', figure(value)) : figure(value))
    say(texts.doctor.examined(skew.sites, skew.rows))
    say()
    say(
      tableText(
        terminal,
        [texts.doctor.skew, texts.doctor.value, texts.doctor.from],
        [
          [texts.doctor.label, mark(skew.label, thresholds.label), figure(thresholds.label)],
          [texts.doctor.feature, mark(skew.feature, thresholds.feature), figure(thresholds.feature)],
          [texts.doctor.quantity, mark(skew.quantity, thresholds.quantity), figure(thresholds.quantity)],
          [texts.doctor.missing, figure(skew.missingClasses), ''],
        ],
        1,
      ),
    )
    say()
    say(texts.doctor.findings[finding])
    say(`${texts.doctor.method} ${paint('green', method)}`)
    const trying = `fedavg,${method}`
    if (finding === 'none' || options.try !== true) {
      if (finding !== 'none') say(`${texts.doctor.tryIt} ${paint('cyan', commandLine('doctor', target, '--try'))}`)
      terminal.result({ command: 'doctor', ...diagnosis })
      return
    }
    say()
    await compareSpec(spec, { ...options, methods: trying }, terminal, { diagnosis })
  } catch (error) {
    if (error instanceof Stopped) warn(texts.stop.again)
    throw error
  }
}
