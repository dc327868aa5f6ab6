// The codes of all faults that the sources can throw, read from the syntax trees: literals, choices, constants, and what is given to functions that make faults.
import { globSync, readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'

interface Tree {
  readonly type: string
  readonly [key: string]: unknown
}
/** A function whose argument at `index` becomes a code, after `prefix`. */
interface Maker {
  readonly name: string
  readonly index: number
  readonly prefix: string
  readonly file: string
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
const childrenOf = (tree: Tree): readonly Tree[] => Object.values(tree).flat().filter(isTree)
const nameOf = (value: unknown): string => (isTree(value) && typeof value['name'] === 'string' ? value['name'] : '')
const treesOf = (value: unknown): readonly Tree[] => (Array.isArray(value) ? value.filter(isTree) : [])
const isFunction = ({ type }: Tree): boolean =>
  type === 'ArrowFunctionExpression' || type === 'FunctionDeclaration' || type === 'FunctionExpression'

const visit = (tree: Tree, above: readonly Tree[], see: (tree: Tree, above: readonly Tree[]) => void): void => {
  see(tree, above)
  for (const child of childrenOf(tree)) visit(child, [...above, tree], see)
}

const parsed = (root: URL): readonly { readonly file: string; readonly program: Tree }[] =>
  globSync('src/**/*.ts', { cwd: root.pathname })
    .filter((file) => !/\.(?:test|test-d|suite)\.ts$/.test(file))
    .map((file) => ({ file, program: parseSync(file, readFileSync(new URL(file, root), 'utf8')).program as unknown as Tree }))

/** All codes, each with the files that throw it. Codes that only pass through (`error.code`) are those of other faults. */
export const thrownCodes = (root: URL): ReadonlyMap<string, readonly string[]> => {
  const codes = new Map<string, string[]>()
  const makers = new Map<string, Maker>()
  const files = parsed(root)

  /** What `value` can be: its texts, or the makers of faults whose parameter it is. */
  const resolve = (value: unknown, above: readonly Tree[], file: string, prefix = '', depth = 0): void => {
    if (!isTree(value) || depth > 4) return
    const next = (tree: unknown, before = prefix): void => resolve(tree, above, file, before, depth + 1)
    if (value.type === 'Literal' && typeof value['value'] === 'string') {
      const code = prefix + value['value']
      codes.set(code, [...new Set([...(codes.get(code) ?? []), file])])
    } else if (value.type === 'ConditionalExpression') {
      next(value['consequent'])
      next(value['alternate'])
    } else if (value.type === 'TemplateLiteral') {
      const [head] = treesOf(value['quasis'])
      const raw = (head?.['value'] as { readonly cooked?: string } | undefined)?.cooked ?? ''
      next(treesOf(value['expressions'])[0], prefix + raw)
    } else if (value.type === 'Identifier') {
      const name = nameOf(value)
      for (const [at, tree] of above.entries()) {
        if (!isFunction(tree)) continue
        const index = treesOf(tree['params']).findIndex((param) => nameOf(param) === name)
        const owner = above[at - 1]
        const maker = { name: nameOf(tree['id']) || nameOf(owner?.['id']), index, prefix, file }
        if (index >= 0 && maker.name !== '') makers.set(JSON.stringify(maker), maker)
      }
      const from = above.find((tree) => tree.type === 'Program')
      if (from !== undefined)
        visit(from, [], (tree) => {
          if (tree.type === 'VariableDeclarator' && nameOf(tree['id']) === name) next(tree['init'])
        })
    }
  }

  for (const { file, program } of files)
    visit(program, [], (tree, above) => {
      const within = [...above, tree]
      if (tree.type === 'NewExpression' && nameOf(tree['callee']) === 'Refusal') resolve(treesOf(tree['arguments'])[1], within, file)
      if (tree.type !== 'ObjectExpression') return
      const fields = new Map(treesOf(tree['properties']).map((property) => [nameOf(property['key']), property['value']]))
      if (fields.has('cannot') || fields.has('message')) resolve(fields.get('code'), within, file)
    })
  for (let known = -1; known < makers.size; ) {
    known = makers.size
    for (const { file, program } of files)
      visit(program, [], (tree, above) => {
        if (tree.type !== 'CallExpression') return
        for (const maker of makers.values())
          if (maker.name === nameOf(tree['callee']) && (maker.file === file || imports(program, maker.name)))
            resolve(treesOf(tree['arguments'])[maker.index], [...above, tree], file, maker.prefix)
      })
  }
  return codes
}

const imports = (program: Tree, name: string): boolean =>
  treesOf(program['body']).some(
    ({ type, specifiers }) => type === 'ImportDeclaration' && treesOf(specifiers).some((specifier) => nameOf(specifier['local']) === name),
  )
