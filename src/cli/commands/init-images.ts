// `yimeng init --images` and `--npz`: looks at a person's own pictures, shows what is there, and writes a spec that run and compare take.
import { existsSync } from 'node:fs'
import { basename, dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Document, isCollection } from 'yaml'
import { YimengError } from '../../base/index.ts'
import { stemOf, type ImageInference, inferImages } from '../../data/node.ts'
import { commandLine } from '../invocation.ts'
import type { CommonOptions } from '../options.ts'
import { resultFile } from '../results-folder.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `init` for pictures: a folder or a file of arrays. */
export interface InitImagesOptions extends CommonOptions {
  readonly images?: string
  readonly npz?: string
  readonly scans?: boolean
  readonly positive?: string
  readonly out?: string
  readonly force?: boolean
}

/** Made-up sites for pictures whose folders name none. */
const madeUpSites = 3

/** A path as a spec writes it: relative to the spec, with slashes on every system. */
const besides = (folder: string, path: string): string => (relative(folder, resolve(path)) || '.').replaceAll('\\', '/')

const specOf = (found: ImageInference, options: InitImagesOptions, folder: string) => {
  const own = options.images === undefined ? { npz: besides(folder, options.npz ?? '') } : { folder: besides(folder, options.images) }
  const sites = Object.keys(found.sites).length
  return {
    task: {
      images: {
        ...own,
        shape: found.shape,
        ...(options.scans === true ? { scans: true } : {}),
        ...(options.positive === undefined ? {} : { positive: options.positive }),
        ...(found.corrupt.length === 0 ? {} : { corrupt: 'skip' }),
      },
    },
    partition: sites > 1 ? { kind: 'natural' } : { kind: 'iid', sites: madeUpSites },
    ...(found.sets['train'] !== undefined && found.sets['test'] !== undefined ? { split: { kind: 'given' } } : {}),
  }
}

const yamlOf = (spec: ReturnType<typeof specOf>, folder: string, { texts }: Terminal): string => {
  const document = new Document(spec)
  for (const path of [['task', 'images', 'shape'], ['partition'], ['split']]) {
    const part = document.getIn(path)
    if (isCollection(part)) part.flow = true
  }
  const editorSchema = fileURLToPath(new URL('../../../schema/run-spec.schema.json', import.meta.url))
  document.commentBefore = [
    ...(existsSync(editorSchema) ? [` yaml-language-server: $schema=${besides(folder, editorSchema)}`] : []),
    ` ${texts.init.comment}`,
    ...(spec.partition.kind === 'natural' ? [] : [` ${texts.init.commentSites}`]),
  ].join('\n')
  return document.toString({ lineWidth: 0 })
}

const show = (found: ImageInference, terminal: Terminal): void => {
  const { texts, say, paint } = terminal
  const words = texts.initImages
  say(words.found(found.rows, Object.keys(found.classes).length))
  say()
  const list = (counts: Readonly<Record<string, number>>) => Object.entries(counts).map(([name, count]) => [name, count] as const)
  for (const [title, counts] of [
    [words.class, found.classes],
    [texts.table.site, found.sites],
    [words.set, found.sets],
    [words.size, found.sizes],
    [words.kind, found.modes],
  ] as const) {
    if (Object.keys(counts).length === 0) continue
    say(tableText(terminal, [title, words.pictures], list(counts), 1))
    say()
  }
  for (const { file, expected, got } of found.corrupt.slice(0, 20)) say(paint('yellow', words.corrupt(file, expected, got)))
  if (found.corrupt.length > 0) say(paint('yellow', words.skipped(found.corrupt.length)))
  say(words.shape(found.shape.join(' × ')))
  if (Object.keys(found.sites).length < 2) say(paint('yellow', words.noSites(madeUpSites)))
}

/** Looks, shows, writes. */
export const initImages = async (options: InitImagesOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, result, paint } = terminal
  const path = options.images ?? options.npz ?? ''
  const name = options.images === undefined ? stemOf(path) : basename(resolve(path))
  const out = options.out ?? `${name}.yimeng.yaml`
  const file = await resultFile(out, options.force === true)
  try {
    const found = await inferImages(path, options.scans === true ? { scans: true } : {})
    show(found, terminal)
    const classes = Object.keys(found.classes).length
    if (classes < 2) {
      const expected = 'at least two classes'
      throw new YimengError({
        code: 'image-one-class',
        cannot: 'learn from images',
        expected,
        got: String(classes),
        where: { folder: path },
      })
    }
    const folder = dirname(file.path)
    const spec = specOf(found, options, folder)
    await file.keepText(yamlOf(spec, folder, terminal))
    say(texts.init.wrote(out))
    say()
    say(texts.init.next)
    for (const word of ['compare', 'run']) say(`  ${paint('cyan', commandLine(word, out))}`)
    result({ out, rows: found.rows, classes: found.classes, sites: found.sites, corrupt: found.corrupt.length, spec })
  } catch (error) {
    await file.drop()
    throw error
  }
}
