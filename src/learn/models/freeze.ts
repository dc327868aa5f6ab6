// Transfer learning: some of a model's parameters stay as they are.
import type { Model } from './model.ts'

/** The same model with the named parameters fixed: they take no gradient and no optimiser state, and come out of training as they went in. */
export const freeze = (model: Model, fixed: (name: string) => boolean): Model => {
  const names = model.layout.entries.map(({ name }) => name).filter((name) => fixed(name) && !model.buffers.has(name))
  return { ...model, name: `freeze(${model.name}: ${names.join(', ')})`, buffers: new Set([...model.buffers, ...names]) }
}
