import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where Debian keeps the server's programs, one folder for each major version; only the clients are on the PATH. */
const DEBIAN_FOLDER = '/usr/lib/postgresql'
const USER = 'hotline'
const START_DEADLINE_MS = 30_000

/** A real Postgres server on a free loopback port, to be killed and started again. */
export interface TestPostgres {
  /** What DATABASE_URL would be. */
  url: string
  /** Ends all its processes at once, as a crash would: nothing is written any more. */
  crash(): Promise<void>
  /** Starts it again on the same port, with what its disk kept. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** What keeps a Postgres server from being started here, or null. */
export function lackOfPostgres(): string | null {
  if (!findPrograms()) return "no Postgres server is installed (Debian's package postgresql)"
  if (process.getuid?.() === 0 && !findOwner()) return 'Postgres refuses to run as root, and there is no user postgres'
  return null
}

/** Makes a fresh database and starts its server. @throws Error with the server's words when it does not come up */
export async function startTestPostgres(): Promise<TestPostgres> {
  const programs = findPrograms()
  if (!programs) throw new Error('no Postgres server is installed')
  const folder = await mkdtemp(join(tmpdir(), 'hotline-postgres-'))
  const owner = findOwner()
  if (owner) await chown(folder, owner.uid, owner.gid)
  // A folder of its own, because another user may not look into the current one.
  const options = { cwd: folder, ...owner }
  const data = join(folder, 'data')
  const port = await freePort()
  let server: ChildProcess | null = null

  async function start(): Promise<void> {
    const settings = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', fsync: 'off' }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(join(programs ?? '', 'postgres'), ['-D', data, ...flags], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    server = child
    let said = ''
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`Postgres did not start:\n${said}`))
      setTimeout(fail, START_DEADLINE_MS).unref()
      child.once('error', reject)
      child.once('exit', fail)
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4_000)
        if (said.includes('ready to accept connections')) resolve()
      })
    })
  }

  async function crash(): Promise<void> {
    const dying = server
    server = null
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
    // Postgres' "immediate shutdown"; SIGKILL would leave its shared memory behind.
    dying.kill('SIGQUIT')
    await once(dying, 'exit')
  }

  async function stop(): Promise<void> {
    await crash()
    await rm(folder, { recursive: true, force: true })
  }

  try {
    const flags = ['--username', USER, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync']
    execFileSync(join(programs, 'initdb'), ['-D', data, ...flags], { ...options, stdio: 'pipe' })
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `postgres://${USER}@127.0.0.1:${port}/postgres`, start, crash, stop }
}

/** The folder that holds both programs, the newest version first where there are several. */
function findPrograms(): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debianFolders()]
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name)))) ?? null
}

function debianFolders(): string[] {
  try {
    const versions = readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a))
    return versions.map((version) => join(DEBIAN_FOLDER, version, 'bin'))
  } catch {
    return []
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whom the server runs as where this process is root: the user that the package made. */
function findOwner(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }))
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return null
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
