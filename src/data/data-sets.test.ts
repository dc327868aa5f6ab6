import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { dataSets, loadDataset } from './data-sets.node.ts'
import { verifyFile } from './data-store.node.ts'
import { yimengHome } from './home.node.ts'
import { type DataFile, namedDataSets } from './sets/index.ts'

const temporary = await mkdtemp(join(tmpdir(), 'yimeng-data-'))
const servers: Server[] = []
afterAll(async () => {
  for (const server of servers) server.close()
  await rm(temporary, { recursive: true, force: true })
})

/** Folders of a machine that has nothing. */
const bare = (name: string) => ({ cache: join(temporary, name) })

const heartDiseaseHere = dataSets.list().find(({ name }) => name === 'heart-disease')?.state === 'found'
const why = heartDiseaseHere
  ? ''
  : ' — SKIPPED: set YIMENG_DATA to a folder with heart-disease/processed.*.data, or run `yimeng data get heart-disease`'
if (!heartDiseaseHere) console.warn(`heart disease data are not on this machine: 3 tests${why}`)

test.each([
  ['breast-cancer', 569, 30, { benign: 357, malignant: 212 }],
  ['iris', 150, 4, { setosa: 50, versicolor: 50, virginica: 50 }],
  ['digits', 1797, 64, { 0: 178, 1: 182, 2: 177, 3: 183, 4: 181, 5: 182, 6: 181, 7: 179, 8: 174, 9: 180 }],
  ['diabetes', 442, 10, {}],
])('%s is in the package, whole and as described', async (name, rows, columns, classes) => {
  const description = await dataSets.describe(name, bare('none'))
  expect(description).toMatchObject({ name, rows, columns, state: 'embedded', content: { rows, classes } })
  expect(description.files.every(({ state }) => state === 'ok')).toBe(true)
  expect(Object.values(description.content?.missing ?? {}).every((count) => count === 0)).toBe(true)
  expect((await loadDataset(name, { folders: bare('none'), download: false })).rows).toBe(rows)
})

test('known cells: the first rows of each embedded set', async () => {
  const first = async (name: string) => {
    const dataset = await loadDataset(name)
    return [dataset.values.slice(0, 3).map((values) => values[0]), dataset.labels[0], dataset.lines?.[0]]
  }
  expect(await first('breast-cancer')).toEqual([[17.99, 10.38, 122.8], 1, 2])
  expect(await first('iris')).toEqual([[5.1, 3.5, 1.4], 0, 2])
  expect(await first('digits')).toEqual([[0, 0, 5], 0, 1])
  expect(await first('diabetes')).toEqual([[59, 1, 32.1], 151, 1])
})

test('every data set states licence, citation and source; every embedded file has its checksum in data/ATTRIBUTION.md', () => {
  const attribution = readFileSync(new URL('../../data/ATTRIBUTION.md', import.meta.url), 'utf8')
  for (const { name, licence, citation, source, files } of namedDataSets) {
    expect(licence.length > 0 && citation.length > 0 && source.startsWith('https://'), name).toBe(true)
    for (const file of files.filter(({ embedded }) => embedded)) expect(attribution, file.path).toContain(`\`${file.path}\``)
    for (const file of files.filter(({ embedded }) => embedded)) expect(attribution, file.path).toContain(file.sha256)
  }
})

test('an unknown name lists close ones; absent data say how to get them', async () => {
  await expect(loadDataset('brest-cancer')).rejects.toThrow(/cannot find data set brest-cancer: expected breast-cancer/)
  await expect(loadDataset('heart-disease', { download: false, folders: bare('none') })).rejects.toThrow(
    /yimeng data get heart-disease.*4 of 5 missing/,
  )
  expect(await dataSets.describe('heart-disease', bare('none'))).toMatchObject({ state: 'absent', rows: 740, columns: 10, classes: 2 })
  expect((await dataSets.verify('heart-disease', bare('none'))).map(({ state }) => state)).toEqual([
    'missing',
    'missing',
    'missing',
    'missing',
    'ok',
  ])
})

test('checksums: of what is inside a gzip, however it was packed; and of another published version', async () => {
  const given = join(temporary, 'checksums')
  await mkdir(given, { recursive: true })
  const content = new TextEncoder().encode('the same content '.repeat(50))
  const digest = (algorithm: string) => createHash(algorithm).update(content).digest('hex')
  const file = { path: 'a.gz', bytes: content.length, sha256: digest('sha256'), gzipped: true, embedded: false }
  const stateOf = async (bytes: Uint8Array, of: DataFile) => {
    await writeFile(join(given, 'a.gz'), bytes)
    return (await verifyFile(of, { given, ...bare('none') })).state
  }
  expect(await stateOf(gzipSync(content, { level: 1 }), file)).toBe('ok')
  expect(await stateOf(gzipSync(content, { level: 9 }), file)).toBe('ok')
  expect(await stateOf(gzipSync(content.subarray(1)), file)).toBe('changed')
  expect(await stateOf(content, file)).toBe('changed')
  // unpacks to more than was published
  expect(await stateOf(gzipSync(new Uint8Array(1e6)), file)).toBe('changed')
  const { gzipped: _, ...plain } = file
  expect(await stateOf(content, { ...plain, sha256: 'another', orMd5: digest('md5') })).toBe('ok')
  expect(await stateOf(content.subarray(1), { ...plain, sha256: 'another', orMd5: digest('md5') })).toBe('changed')
})

test('a table of one’s own', async () => {
  const csv = join(temporary, 'own.csv')
  await writeFile(csv, 'x,y\n1,a\n2,b\n')
  const schema = { features: [{ kind: 'numeric', name: 'x' }], label: { kind: 'categorical', name: 'y', levels: ['a', 'b'] } } as const
  expect(await loadDataset({ csv, schema, name: 'own' })).toMatchObject({ name: 'own', rows: 2 })
})

test('the home folder: YIMENG_HOME, else what the platform has for a user’s data', () => {
  const at = (platform: string, env: Record<string, string> = {}, home = '/home/li') => yimengHome({ env, platform, home })
  expect(at('linux', { YIMENG_HOME: '/srv/yimeng' })).toBe('/srv/yimeng')
  expect(at('linux')).toBe('/home/li/.local/share/yimeng')
  expect(at('linux', { XDG_DATA_HOME: '/x' })).toBe('/x/yimeng')
  expect(at('linux', { XDG_DATA_HOME: 'relative' })).toBe('/home/li/.local/share/yimeng')
  expect(at('darwin')).toBe('/home/li/Library/Application Support/yimeng')
  expect(at('win32', { LOCALAPPDATA: 'C:\\L' }, 'C:\\Users\\li')).toBe('C:\\L\\yimeng')
  expect(at('win32', {}, 'C:\\Users\\li')).toBe('C:\\Users\\li\\AppData\\Local\\yimeng')
})

/** A web server that answers with what a function gives for the last part of the path; undefined is 404. */
const serve = async (answer: (name: string) => Uint8Array | undefined): Promise<string> => {
  const server = createServer((request, response) => {
    const body = answer(request.url?.split('/').at(-1) ?? '')
    response.writeHead(body === undefined ? 404 : 200).end(body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror/`
}

const filesBelow = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true }).catch(() => [])).filter((name) => name.includes('.'))

test('a download that is not the published file is refused, and nothing is left behind', async () => {
  const wrong = await serve(() => new TextEncoder().encode('63.0,1.0\n'))
  const folders = bare('wrong')
  await expect(dataSets.get('heart-disease', { mirror: wrong }, folders)).rejects.toThrow(
    /cannot download processed\.cleveland\.data: expected SHA-256 a74b/,
  )
  const absent = await serve(() => undefined)
  await expect(dataSets.get('heart-disease', { mirror: absent }, folders)).rejects.toThrow(/HTTP status 404/)
  await expect(dataSets.get('heart-disease', { mirror: 'http://127.0.0.1:1' }, folders)).rejects.toThrow(/no connection/)
  expect(await filesBelow(folders.cache)).toEqual([])
})

test.skipIf(!heartDiseaseHere)(`heart disease: counts of the four hospitals and of FLamby’s split${why}`, async () => {
  const { sites, split, rows, schema } = await loadDataset('heart-disease', { download: false })
  const count = (set: Uint32Array | undefined, site: string) => set?.filter((row) => sites?.[row] === site).length
  expect(rows).toBe(740)
  expect(['cleveland', 'hungarian', 'switzerland', 'va'].map((site) => [count(split?.train, site), count(split?.test, site)])).toEqual([
    [199, 104],
    [172, 89],
    [30, 16],
    [85, 45],
  ])
  expect(schema.features.length).toBe(10)
  const { content } = await dataSets.describe('heart-disease-full')
  expect(content).toMatchObject({
    rows: 920,
    sites: { cleveland: 303, hungarian: 294, switzerland: 123, va: 200 },
    classes: { no: 411, yes: 509 },
  })
  // 59 missing and a 0 in blood pressure; 30 missing and 172 zeros in cholesterol, 123 of them Swiss
  expect(content?.missing).toMatchObject({
    age: 0,
    'resting blood pressure': 60,
    cholesterol: 202,
    'fasting blood sugar': 90,
    'coloured vessels': 611,
  })
})

test.skipIf(!heartDiseaseHere)(
  `heart disease: downloaded from a mirror once, then found and verified; a changed file is noticed${why}`,
  async () => {
    const here = await dataSets.verify('heart-disease')
    const paths = new Map(here.map(({ file, path }) => [file.path.split('/').at(-1), path ?? '']))
    const requests: string[] = []
    const mirror = await serve((name) => readFileSync(paths.get(name) ?? ''))
    const folders = bare('mirrored')
    const states = await dataSets.get('heart-disease', { mirror, onRequest: (url) => requests.push(url) }, folders)
    expect(states.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok'])
    await dataSets.get('heart-disease', { mirror, onRequest: (url) => requests.push(url) }, folders)
    expect(requests.length).toBe(4)
    expect((await loadDataset('heart-disease', { folders, download: false })).rows).toBe(740)
    await writeFile(join(folders.cache, 'heart-disease', 'processed.va.data'), '1,2\n')
    expect((await dataSets.verify('heart-disease', folders)).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'changed', 'ok'])
    await expect(loadDataset('heart-disease', { folders, download: false })).rejects.toThrow(/got another file/)
    expect(await dataSets.describe('heart-disease', folders)).not.toHaveProperty('content')
  },
)

test.skipIf(!heartDiseaseHere)(`a changed file in YIMENG_DATA is never overwritten${why}`, async () => {
  const given = join(temporary, 'given')
  await mkdir(join(given, 'heart-disease'), { recursive: true })
  for (const { path, file } of await dataSets.verify('heart-disease'))
    if (!file.embedded) await copyFile(path ?? '', join(given, ...file.path.split('/')))
  const changed = join(given, 'heart-disease', 'processed.va.data')
  await rm(changed, { force: true })
  await writeFile(changed, 'mine\n')
  const mirror = await serve(() => undefined)
  await expect(dataSets.get('heart-disease', { mirror }, { given, ...bare('unused') })).rejects.toThrow(
    /cannot use heart-disease\/processed\.va\.data/,
  )
  expect(readFileSync(changed, 'utf8')).toBe('mine\n')
})
