// `npm start`, `npm test` and `npm run yimeng -- …` come here: do all set-up that is missing, then the job, on a Node that can.
// Plain JavaScript: it runs before anything is installed, on whatever Node the machine has.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { handOver, keepCompiled, nodePath, root } from './node-path.mjs'

const jobs = {
  start: ['src/cli/main.ts', 'start'],
  test: ['tools/check.ts'],
  yimeng: ['src/cli/main.ts'],
}

const stamp = join(root, 'node_modules/.yimeng-installed')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined

if (installed !== wanted) {
  process.stderr.write(
    'Setting up: installing packages from the npm registry (once; about a minute) …\n正在准备：从 npm 仓库安装依赖（仅首次，约一分钟）…\n',
  )
  // npm names its own script in npm_execpath: run that with this Node, so that no shell and no `npm.cmd` is needed on Windows
  const npm = process.env.npm_execpath
  const command = npm === undefined ? ['npm'] : [process.execPath, npm]
  // `npm ci` would delete the Node that may be running this very script: only for a fresh clone
  const how = existsSync(join(root, 'node_modules')) ? 'install' : 'ci'
  const result = spawnSync(command[0], [...command.slice(1), how, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // also set here because npm hands a project's .npmrc to install scripts only from version 9 on
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  })
  if (result.status !== 0) {
    process.stderr.write(`cannot set up: expected npm ${how} to succeed, got exit code ${result.status ?? result.error?.message}\n`)
    process.exit(1)
  }
  writeFileSync(
    stamp,
    createHash('sha256')
      .update(readFileSync(join(root, 'package-lock.json')))
      .digest('hex'),
  )
}

const [job = '', ...rest] = process.argv.slice(2)
const target = jobs[job]
const node = nodePath()
if (target === undefined || node === undefined) {
  process.stderr.write(
    target === undefined
      ? `cannot run job: expected one of ${Object.keys(jobs).join(', ')}, got '${job}'\n`
      : 'cannot find Node 24.11 or newer: expected the package `node` to have been installed\n',
  )
  process.exit(1)
}
// `npm run` changes to the package's folder; users' paths are relative to where they typed the command
const cwd = job === 'test' ? root : (process.env.INIT_CWD ?? process.cwd())
keepCompiled()
handOver(node, [join(root, target[0]), ...target.slice(1), ...rest], { cwd })
