// How the person would type a command here: in a clone through npm, else by name.

const quoted = (argument: string): string => (/^[\w./:=@%+,\\-]+$/.test(argument) ? argument : JSON.stringify(argument))

/** A command line to show, as in `npm run yimeng -- run --resume abc`. */
export const commandLine = (...parts: readonly string[]): string => {
  const name = process.env['npm_lifecycle_event'] === undefined ? 'yimeng' : 'npm run yimeng --'
  return [name, ...parts.map(quoted)].join(' ')
}
