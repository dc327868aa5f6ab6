// The `yimeng` command: arguments in, exit code out. 0 done, 1 a fault, 2 a usage mistake, 130 stopped.
import { type Command, CommanderError } from 'commander'
import { faultLine, faultRecord } from './fault-line.ts'
import { chooseLanguage } from './language.ts'
import { textsOf } from './messages/index.ts'
import { program, UsageError, usageText } from './program.ts'
import { Stopped, stoppedExitCode } from './stop.ts'
import { terminal } from './terminal.ts'

const argv = process.argv.slice(2)
const language = chooseLanguage(argv, process.env)
const texts = textsOf(language)

/** The command that was meant, as far as there is one, for the way to its help. */
const commandMeant = (root: Command): string => {
  let at = root
  let name = 'yimeng'
  for (const word of argv) {
    const next = at.commands.find((command) => command.name() === word)
    if (next === undefined) break
    at = next
    name = `${name} ${word}`
  }
  return name
}

const main = async (): Promise<number> => {
  // a reader that closes the pipe early (head, less) is no fault; the work goes on, so that a run is not left half done
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  const voice = terminal(language, argv.includes('--json'), argv.includes('--quiet'))
  const commands = program(texts, language, (_, work) => work(voice))
  const mistaken = (message: string): number => {
    voice.warn(`${voice.paint(['bold', 'red'], texts.fault.error)}${texts.fault.colon}${message}`)
    voice.warn(texts.usage.seeHelp(commandMeant(commands)))
    voice.result({ error: { code: 'usage', message } })
    return 2
  }
  try {
    if (argv.length === 0) {
      voice.say(commands.helpInformation().trimEnd())
      return 0
    }
    await commands.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      // `data` and `runs` without a word: their help is the answer
      return error.code === 'commander.help' ? 2 : mistaken(usageText(error, texts))
    }
    if (error instanceof UsageError) return mistaken(error.message)
    if (error instanceof Stopped) {
      voice.result({ error: { code: 'stopped', message: error.message } })
      return stoppedExitCode
    }
    voice.warn(faultLine(error, voice))
    if ((process.env['YIMENG_DEBUG'] ?? '') !== '' && error instanceof Error) voice.warn(error.stack ?? '')
    voice.result({ error: faultRecord(error) })
    return 1
  }
}

process.exitCode = await main()
