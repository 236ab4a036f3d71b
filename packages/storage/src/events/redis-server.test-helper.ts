import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

/** A real Redis on a free loopback port, to be killed and started again. */
export interface TestRedis {
  url: string
  client(): Redis
  /** Kills it as a crash would. */
  crash(): Promise<void>
  /** Starts it again on the same port, with what its disk kept. */
  start(): Promise<void>
  stop(): Promise<void>
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

/** `HOTLINE_REDIS_SERVER` names the binary where it is not on the PATH. `durable` keeps an append-only file. */
export async function startTestRedis({ durable }: { durable: boolean }): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const clients: Redis[] = []
  let child: ChildProcess | null = null

  async function start(): Promise<void> {
    const binary = process.env.HOTLINE_REDIS_SERVER ?? 'redis-server'
    const keep = durable ? ['--appendonly', 'yes'] : ['--appendonly', 'no']
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...keep]
    child = spawn(binary, settings, { stdio: 'ignore' })
    await once(child, 'spawn')
    const probe = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
    probe.on('error', () => {})
    await probe.ping()
    probe.disconnect()
  }

  async function crash(): Promise<void> {
    const dying = child
    child = null
    if (!dying || dying.exitCode !== null) return
    dying.kill('SIGKILL')
    await once(dying, 'exit')
  }

  await start()
  return {
    url,
    start,
    crash,
    client() {
      const client = new Redis(url, { maxRetriesPerRequest: null })
      client.on('error', () => {})
      clients.push(client)
      return client
    },
    async stop() {
      for (const client of clients) client.disconnect()
      await crash()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until something holds, for 20 s at most. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (await holds()) return
    await sleep(20)
  }
  throw new Error(`never came true: ${what}`)
}

export const silentLog = { info() {}, warn() {}, error() {} }
