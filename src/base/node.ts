export { makeFolder } from './make-folder.node.ts'
