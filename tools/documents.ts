// Checks the documents: links lead somewhere, the README says the same in three languages, and every documented command runs.
// A ```sh block is run line by line, in order, in one scratch folder (with the project's `data` and `examples` beside it). Lines that the check cannot run stand in
// a block marked with why: ```sh not-run="a second machine". Run: node tools/documents.ts [file.md …]
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root, sources } from './source.ts'

interface Block {
  readonly info: string
  readonly code: string
  readonly line: number
}

const blocksOf = (text: string): readonly Block[] =>
  [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    info: match[1] ?? '',
    code: match[2] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }))

const linkFaults = (path: string, text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(path), link)))
    .map((link) => `${path}: link leads nowhere: ${link}`)

const parityFaults = (reference: string, translations: readonly string[]): readonly string[] => {
  const shape = (path: string) => {
    const text = readFileSync(join(root, path), 'utf8')
    return {
      headings: text.match(/^#+ /gm)?.length ?? 0,
      code: blocksOf(text)
        .filter(({ info }) => info !== 'text' && info !== '')
        .map(({ code }) => code.replaceAll(/#.*$/gm, '')),
    }
  }
  const wanted = shape(reference)
  return translations.flatMap((path) => {
    const got = shape(path)
    const faults: string[] = []
    if (got.headings !== wanted.headings) faults.push(`${path}: ${got.headings} headings, ${reference} has ${wanted.headings}`)
    if (got.code.join('\n') !== wanted.code.join('\n')) faults.push(`${path}: its code blocks differ from those of ${reference}`)
    return faults
  })
}

/** Words of a documented command. Quotes keep words together; nothing else of a shell is used in documents, so that they hold on Windows too. */
const words = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')

/** What to run for a documented line, on this very Node; undefined where the check does not know the command. */
const commandOf = (line: string): readonly string[] | undefined => {
  const [first = '', second = '', third = '', ...rest] = words(line)
  if (first === 'npm' && second === 'start') return [join(root, 'src/cli/main.ts'), 'start']
  if (first === 'npm' && second === 'run' && third === 'yimeng')
    return [join(root, 'src/cli/main.ts'), ...rest.filter((word, index) => word !== '--' || index > 0)]
  if (first === 'node' && second !== '') return [join(root, second), ...(third === '' ? [] : [third]), ...rest]
  return undefined
}

/** Commands that need data from outside the package. */
const needsData = /heart-disease/

const runBlocks = (path: string, blocks: readonly Block[]): readonly string[] => {
  const scratch = mkdtempSync(join(tmpdir(), 'yimeng-documents-'))
  for (const folder of ['data', 'examples', 'bench']) symlinkSync(join(root, folder), join(scratch, folder), 'junction')
  const faults: string[] = []
  for (const { info, code, line } of blocks) {
    if (info !== 'sh') continue
    for (const [offset, written] of code.split('\n').entries()) {
      const text = written.replace(/(^|\s)#.*$/, '').trim()
      const where = `${path}:${line + 1 + offset}`
      if (text === '') continue
      const command = commandOf(text)
      if (command === undefined) {
        faults.push(`${where}: the check does not know how to run: ${text}`)
        continue
      }
      if (needsData.test(text) && process.env['YIMENG_DATA'] === undefined) {
        console.warn(`${where}: NOT RUN, YIMENG_DATA is not set: ${text}`)
        continue
      }
      const start = performance.now()
      const { status, stderr } = spawnSync(process.execPath, command, {
        cwd: scratch,
        encoding: 'utf8',
        env: { ...process.env, YIMENG_HOME: join(scratch, 'home'), NO_COLOR: '1' },
        timeout: 180_000,
      })
      console.log(`${where}: ${text} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
      if (status !== 0) faults.push(`${where}: exit code ${status}: ${text}\n${stderr.slice(-2000)}`)
    }
  }
  rmSync(scratch, { recursive: true, force: true })
  return faults
}

const named = process.argv.slice(2)
const top = readdirSync(root).filter((name) => name.endsWith('.md'))
const documents = [
  ...top.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  ...sources(['docs', 'bench', 'data'], ['.md']),
].filter(({ path }) => named.length === 0 || named.includes(path))
const faults = documents.flatMap(({ path, text }) => linkFaults(path, text))
if (named.length === 0) faults.push(...parityFaults('README.md', ['README.zh-CN.md', 'README.zh-TW.md']))
// the translations' commands are the README's (parity), and benchmarks take minutes: their commands are run by hand
for (const { path, text } of documents)
  if (path === 'README.md' || path.startsWith('docs/')) faults.push(...runBlocks(path, blocksOf(text)))
for (const fault of faults) console.error(fault)
console.log(`documents: ${documents.length} files, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
