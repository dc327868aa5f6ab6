// Where Yimeng keeps what it makes and downloads.
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

/** What the place depends on; a parameter for tests. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly home: string
}

/** This process's surroundings. */
export const surroundings = (): Surroundings => ({ env: process.env, platform: process.platform, home: homedir() })

/**
 * `YIMENG_HOME`, else the platform's folder for a user's data: `%LOCALAPPDATA%\yimeng`, `~/Library/Application Support/yimeng`, or `$XDG_DATA_HOME/yimeng`
 * (`~/.local/share/yimeng`; a relative XDG_DATA_HOME is ignored, as its specification asks). The folder may not exist yet.
 *
 * @example
 * ```ts
 * assert.equal(yimengHome({ env: {}, platform: 'linux', home: '/home/li' }), '/home/li/.local/share/yimeng')
 * ```
 */
export const yimengHome = ({ env, platform, home }: Surroundings = surroundings()): string => {
  const path = platform === 'win32' ? win32 : posix
  const given = env['YIMENG_HOME']
  if (given !== undefined && given !== '') return path.resolve(given)
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'yimeng')
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'yimeng')
  const xdg = env['XDG_DATA_HOME']
  return path.join(xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'yimeng')
}
