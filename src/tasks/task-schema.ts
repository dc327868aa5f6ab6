// The columns of a run's task, for parties that hold no rows of it: a coordinator, and a site that checks its own table.
import { declaredImages, ownImages } from './images-task.ts'
import { taskOf } from './resolve-spec.ts'
import type { RunSpec } from './run-spec.ts'
import { schemaOf } from './table-task.ts'
import { type DataSchema, dataSchema, isTableSchema } from './task-data.ts'

/**
 * Features and label of a task. A table's are in the spec itself, and so are those of pictures whose classes it names; their files need not be here.
 *
 * @throws YimengError `task-unknown`
 *
 * @example
 * ```ts
 * const schema = await taskSchema('iris')
 * assert.equal(schema.label.kind, 'categorical')
 * ```
 */
export const taskSchema = async (task: RunSpec['task']): Promise<DataSchema> => {
  const schema =
    typeof task === 'string'
      ? dataSchema(await taskOf(task).load())
      : 'table' in task
        ? schemaOf(task.table)
        : (declaredImages(task.images) ?? dataSchema(await ownImages(task.images)))
  if (!isTableSchema(schema)) return schema
  const { features, label, missing } = schema
  // whose rows they are, and of which site, is each site's own affair
  return { features, label, ...(missing === undefined ? {} : { missing }) }
}
