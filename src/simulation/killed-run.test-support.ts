// A process for tests: starts a run, or resumes one, and kills itself without a word (SIGKILL) when an event of a kind and round comes.
// node killed-run.test-support.ts HOME SPEC [KIND ROUND]: the run's name and model hash go to stdout when it survives.
import type { RunSpecInput } from '../tasks/index.ts'
import { run } from './run.ts'

const [home = '', spec = '{}', kind, round] = process.argv.slice(2)
const result = await run(JSON.parse(spec) as RunSpecInput, {
  home,
  onEvent: (event) => {
    if (event.kind === kind && 'round' in event && event.round === Number(round)) process.kill(process.pid, 'SIGKILL')
  },
})
console.log(result.modelHash)
