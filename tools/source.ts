// Reads the project's TypeScript for the checks beside this file.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root: string = join(fileURLToPath(import.meta.url), '../..')

/** One file: its path from the project's folder with forward slashes, and its text. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** All files below the folders whose name ends in one of `endings`, sorted by path. */
export const sources = (folders: readonly string[], endings: readonly string[] = ['.ts']): readonly Source[] =>
  folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
