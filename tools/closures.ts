// No closure smuggles a value: a function handed to `atClients` assigns nothing that was declared outside it (docs/architecture.md, section 3). Run: node tools/closures.ts
import { parseSync } from 'oxc-parser'
import { type Source, sources } from './source.ts'

/** The parts of an ESTree node that matter here. */
interface Tree {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && typeof (value as Tree).type === 'string'

const walk = (tree: Tree, visit: (node: Tree) => void) => {
  visit(tree)
  for (const value of Object.values(tree)) {
    for (const item of Array.isArray(value) ? value : [value]) if (isTree(item)) walk(item, visit)
  }
}

/** Names bound by a pattern: parameters, declarations, destructuring. */
const boundNames = (pattern: unknown): readonly string[] => {
  if (!isTree(pattern)) return []
  switch (pattern.type) {
    case 'Identifier':
      return [pattern['name'] as string]
    case 'ObjectPattern':
      return (pattern['properties'] as Tree[]).flatMap((property) => boundNames(property['value'] ?? property['argument']))
    case 'ArrayPattern':
      return (pattern['elements'] as unknown[]).flatMap(boundNames)
    case 'AssignmentPattern':
      return boundNames(pattern['left'])
    case 'RestElement':
      return boundNames(pattern['argument'])
    default:
      return []
  }
}

const isFunction = (value: unknown): value is Tree =>
  isTree(value) && (value.type === 'ArrowFunctionExpression' || value.type === 'FunctionExpression')

/** The variable that an assignment's left side changes: `a`, `a.b[c]` → `a`; undefined for patterns of own names. */
const rootOf = (target: unknown): string | undefined => {
  if (!isTree(target)) return undefined
  if (target.type === 'Identifier') return target['name'] as string
  if (target.type === 'TSNonNullExpression' || target.type === 'TSAsExpression') return rootOf(target['expression'])
  return target.type === 'MemberExpression' ? rootOf(target['object']) : undefined
}

const assignedOutside = (work: Tree): readonly string[] => {
  const own = new Set<string>()
  const changed: string[] = []
  walk(work, (node) => {
    if (node.type === 'VariableDeclarator') for (const name of boundNames(node['id'])) own.add(name)
    if (Array.isArray(node['params'])) for (const parameter of node['params']) for (const name of boundNames(parameter)) own.add(name)
    if (node.type === 'FunctionDeclaration') for (const name of boundNames(node['id'])) own.add(name)
    if (node.type === 'AssignmentExpression' || node.type === 'UpdateExpression') {
      const target = node['left'] ?? node['argument']
      const root = rootOf(target)
      changed.push(...(root === undefined ? boundNames(target) : [root]))
    }
  })
  return [...new Set(changed.filter((name) => !own.has(name)))]
}

/** Every smuggling closure of the given files, one line each. */
export const closureFaults = (files: readonly Source[]): readonly string[] =>
  files
    .filter(({ text }) => text.includes('atClients'))
    .flatMap(({ path, text }) => {
      const faults: string[] = []
      walk(parseSync(path, text).program as unknown as Tree, (node) => {
        if (node.type !== 'CallExpression' || !isTree(node['callee'])) return
        const name = (node['callee']['property'] as Tree | undefined)?.['name'] ?? node['callee']['name']
        const work = (node['arguments'] as unknown[])[0]
        if (name !== 'atClients' || !isFunction(work)) return
        const line = text.slice(0, node.start).split('\n').length
        for (const outer of assignedOutside(work))
          faults.push(`${path}:${line}: a function given to atClients assigns '${outer}', which lives outside it`)
      })
      return faults
    })

if (import.meta.main) {
  const faults = closureFaults(sources(['src', 'examples']).filter(({ path }) => !path.endsWith('.test-d.ts')))
  for (const fault of faults) console.error(fault)
  console.log(`closures: ${faults.length} faults`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
