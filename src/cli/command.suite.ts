// For tests: runs the real command in a child process, in a folder and a home of its own.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** The entry that `bin/yimeng.mjs` calls. */
export const entry = fileURLToPath(new URL('./main.ts', import.meta.url))

/** What a command left behind. */
export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder for commands to run in. It is removed after all tests of the file. */
export interface Place {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly run: (...args: readonly string[]) => Promise<Finished>
  /** The last line of standard output, which --json promises to be one object. */
  readonly json: (...args: readonly string[]) => Promise<Readonly<Record<string, unknown>>>
  readonly write: (name: string, text: string) => string
  readonly has: (name: string) => boolean
}

/** A fresh place. The locale is `locale`, the home is inside. */
export const place = (locale: string = 'en_US.UTF-8'): Place => {
  const folder = mkdtempSync(join(tmpdir(), 'yimeng-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const { LC_ALL: _, LC_MESSAGES: __, npm_lifecycle_event: ___, YIMENG_DEBUG: ____, ...rest } = process.env
  const env = { ...rest, LANG: locale, YIMENG_HOME: join(folder, 'home') }
  const run = (...args: readonly string[]) =>
    new Promise<Finished>((resolve) => {
      execFile(process.execPath, [entry, ...args], { cwd: folder, env, encoding: 'utf8' }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
      )
    })
  return {
    folder,
    env,
    run,
    json: async (...args) => {
      const { code, stdout, stderr } = await run(...args, '--json')
      const last = stdout.trimEnd().split('\n').at(-1) ?? ''
      if (last === '') throw new Error(`no JSON from ${args.join(' ')} (exit code ${code}): ${stderr}`)
      return JSON.parse(last) as Readonly<Record<string, unknown>>
    },
    write: (name, text) => {
      writeFileSync(join(folder, name), text)
      return name
    },
    has: (name) => existsSync(join(folder, name)),
  }
}

/** A small table with a real effect: two sites, a number, a category with a level that only one site has, classes `ill` and `well`. */
export const smallTable = (rows: number = 60): string => {
  const lines = Array.from({ length: rows }, (_, i) => {
    const site = i % 2 === 0 ? 'North' : 'South'
    const age = 30 + ((i * 37) % 50)
    const stage = site === 'South' && i % 5 === 0 ? 'rare' : i % 3 === 0 ? 'early' : 'late'
    return `${site},${age},${stage},${age + (i % 7) > 57 ? 'ill' : 'well'}`
  })
  return `Hospital,Age,Stage,Outcome\n${lines.join('\n')}\n`
}
