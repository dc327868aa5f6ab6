export { makeFolder } from './make-folder.node.ts'
export { packageVersion } from './package-version.node.ts'
