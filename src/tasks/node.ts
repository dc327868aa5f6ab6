// What of this room needs an engine: an entrance of its own, so that who only describes tasks loads none.
export { engineOf } from './engine.ts'
