// Data that many trainings share.
import type { Task } from '../tasks/index.ts'

/** The task with its data read once, when they are first asked for, however often it is trained on. Training does not change them. */
export const readOnce = (task: Task): Task => {
  let data: ReturnType<Task['load']> | undefined
  return { ...task, load: () => (data ??= task.load()) }
}
