// The first thing that runs on a fresh machine, before anything is installed: Node's built-in modules only.
// It checks Node, brings node_modules and the compiled TypeScript up to date, and hands over to setup/src/main.ts.
//
//   node setup/bootstrap.mjs start|setup|test|lint|bench [arguments]
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const installedStamp = join(modules, '.hotline-lock.sha256')

/** Ends the program with what went wrong and what to do about it. */
function fail(message, remedy) {
  console.error(`\nerror  ${message}\n       ${remedy}`)
  process.exit(1)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const recentEnough = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)
  if (!recentEnough) {
    fail(
      `Node.js ${process.versions.node} is too old: 20.19 or later is needed.`,
      'Install a current release from https://nodejs.org/ and try again.',
    )
  }
}

/** Whether every package that the lock file names is in node_modules in that version. npm writes its list last. */
function packagesInstalled(lockText) {
  const listPath = join(modules, '.package-lock.json')
  if (!existsSync(listPath)) return false
  const wanted = JSON.parse(lockText).packages
  const present = JSON.parse(readFileSync(listPath, 'utf8')).packages
  return Object.entries(wanted).every(([path, { version, link, optional }]) => {
    if (link || !path.includes('node_modules/')) return true
    const found = present[path]
    return found ? found.version === version : optional === true
  })
}

function installPackages() {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const hash = createHash('sha256').update(lockText).digest('hex')
  const stamped = existsSync(installedStamp) && readFileSync(installedStamp, 'utf8') === hash
  if (stamped && existsSync(join(modules, '.package-lock.json'))) return
  if (!packagesInstalled(lockText)) {
    console.log('set-up  Node.js packages: npm ci')
    // onnxruntime-node would otherwise fetch CUDA libraries of several hundred megabytes that nothing here uses.
    const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
    const npm = process.env.npm_execpath
    const ran = npm?.endsWith('.js')
      ? spawnSync(process.execPath, [npm, 'ci'], { cwd: root, stdio: 'inherit', env })
      : spawnSync('npm', ['ci'], { cwd: root, stdio: 'inherit', env, shell: process.platform === 'win32' })
    if (ran.status !== 0) {
      fail('The Node.js packages could not be installed.', 'See what npm says above; `npm ci` repeats this one step.')
    }
  }
  mkdirSync(modules, { recursive: true })
  writeFileSync(`${installedStamp}.tmp`, hash)
  renameSync(`${installedStamp}.tmp`, installedStamp)
}

function compile(projects) {
  const tsc = join(modules, 'typescript', 'bin', 'tsc')
  const ran = spawnSync(process.execPath, [tsc, '-b', ...projects], { cwd: root, stdio: 'inherit' })
  if (ran.status !== 0)
    fail('The TypeScript sources do not compile.', 'See the errors above: `npx tsc -b` repeats them.')
}

checkNode()
const command = process.argv[2] ?? 'start'
installPackages()
// Lint and set-up work on a tree whose services do not compile: the test run reports that as a failure of its own.
compile(command === 'start' || command === 'bench' ? [] : ['setup'])
const { main } = await import(pathToFileURL(join(root, 'setup', 'dist', 'main.js')).href)
await main(command, process.argv.slice(3))
