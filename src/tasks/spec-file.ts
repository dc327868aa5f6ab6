// Run specs in files (JSON, YAML, TypeScript) and on the command line (`--set a.b=value`).
import { readFile } from 'node:fs/promises'
import { dirname, extname, isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse, YAMLParseError } from 'yaml'
import { YimengError } from '../base/index.ts'
import { laidOver, resolveSpec } from './resolve-spec.ts'
import type { RunSpecInput } from './run-spec.ts'
import type { Language } from './spec-issues.ts'

const kinds = ['.json', '.yaml', '.yml', '.ts', '.mts', '.js', '.mjs']

const fault = (
  code: string,
  expected: string,
  got: string,
  file: string,
  where: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
) => new YimengError({ code, cannot: 'read run spec', expected, got, where: { file, ...where }, cause })

const readModule = async (path: string): Promise<unknown> => {
  try {
    const module: unknown = await import(pathToFileURL(resolve(path)).href)
    return (module as { readonly default?: unknown }).default
  } catch (cause) {
    throw fault(
      'spec-syntax',
      'a module with a default export',
      cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'a failing one',
      path,
      {},
      cause,
    )
  }
}

const readText = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    throw fault('spec-file', 'a readable file', code === 'ENOENT' ? 'no such file' : (code ?? 'an unreadable one'), path, {}, cause)
  }
}

/**
 * Reads and checks a run spec. Files of a table are looked for beside the spec file.
 *
 * @param path - `.json`, `.yaml`, `.yml`, or a TypeScript or JavaScript module with the spec as its default export
 * @throws YimengError `spec-file` (missing, unreadable, unknown kind), `spec-syntax` (with line and column), `task-unknown`; SpecError for its content.
 */
export const readRunSpec = async (path: string, language: Language = 'en'): Promise<RunSpecInput> => {
  const kind = extname(path).toLowerCase()
  if (!kinds.includes(kind)) throw fault('spec-file', `a file ending in ${kinds.join(', ')}`, kind === '' ? 'no ending' : kind, path)
  const text = await readText(path)
  let value: unknown
  if (kind === '.json' || kind === '.yaml' || kind === '.yml')
    try {
      value = parse(text) as unknown // JSON is YAML, and this parser knows line and column
    } catch (cause) {
      const place = cause instanceof YAMLParseError ? cause.linePos?.[0] : undefined
      const got = cause instanceof Error ? (cause.message.split(/ at line |\n/)[0] ?? '') : 'something else'
      throw fault(
        'spec-syntax',
        kind === '.json' ? 'JSON' : 'YAML',
        got,
        path,
        place === undefined ? {} : { line: place.line, column: place.col },
        cause,
      )
    }
  else value = await readModule(path)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fault('spec-syntax', 'a record with at least a task', value === null || value === undefined ? 'nothing' : 'something else', path)
  const spec = importBesides(besides(value as RunSpecInput, dirname(resolve(path))), dirname(resolve(path)))
  resolveSpec(spec, { language, file: path })
  return spec
}

/** The file of an imported network likewise. */
const importBesides = (spec: RunSpecInput, folder: string): RunSpecInput => {
  const file: unknown = (spec.model as { readonly file?: unknown } | null | undefined)?.file
  return typeof file === 'string' ? ({ ...spec, model: { ...spec.model, file: resolve(folder, file) } } as RunSpecInput) : spec
}

/** Files of tables and pictures relative to the spec's folder become absolute. Anything malformed is left to the schema. */
const besides = (spec: RunSpecInput, folder: string): RunSpecInput => {
  const task: unknown = spec.task
  const table: unknown = (task as { readonly table?: unknown } | null | undefined)?.table
  const images: unknown = (task as { readonly images?: unknown } | null | undefined)?.images
  if (typeof images === 'object' && images !== null) {
    const moved = Object.fromEntries(
      Object.entries(images).map(([key, value]: [string, unknown]) => [
        key,
        (key === 'folder' || key === 'npz') && typeof value === 'string' ? resolve(folder, value) : value,
      ]),
    )
    return { ...spec, task: { ...(task as object), images: moved } } as RunSpecInput
  }
  const files: unknown = (table as { readonly files?: unknown } | null | undefined)?.files
  if (!Array.isArray(files)) return spec
  const absolute = (file: unknown) => (typeof file === 'string' && !isAbsolute(file) ? resolve(folder, file) : file)
  const moved = files.map((file: unknown) =>
    typeof file === 'object' && file !== null && 'path' in file ? { ...file, path: absolute(file.path) } : absolute(file),
  )
  return { ...spec, task: { ...(task as object), table: { ...(table as object), files: moved } } } as RunSpecInput
}

/**
 * The spec with values replaced, as `--set` gives them: a dotted path, `=`, and a value in YAML (numbers, true, text, [lists], {records}).
 *
 * @throws YimengError `spec-set` for something else than `path=value`.
 *
 * @example
 * ```ts
 * const spec = withOverrides({ task: 'iris' }, ['rounds=5', 'strategy.name=fedprox', 'model.hidden=[8, 4]'])
 * assert.deepEqual(spec, { task: 'iris', rounds: 5, strategy: { name: 'fedprox' }, model: { hidden: [8, 4] } })
 * ```
 */
export const withOverrides = (spec: RunSpecInput, sets: readonly string[]): RunSpecInput =>
  sets.reduce<RunSpecInput>((current, set) => {
    const [, path, text] = /^([A-Za-z$][\w$]*(?:\.[\w$]+)*)=(.*)$/s.exec(set) ?? []
    if (path === undefined || text === undefined)
      throw new YimengError({ code: 'spec-set', cannot: 'read override', expected: 'path=value, as in rounds=5', got: JSON.stringify(set) })
    let value: unknown
    try {
      value = parse(text) as unknown
    } catch {
      value = text // not YAML: the text itself
    }
    // laid over, so that another strategy or partition does not inherit the old one's options
    return laidOver(
      current,
      path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value),
    ) as RunSpecInput
  }, spec)
