import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCallEventWriter } from '@hotline/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../app.test-helper.js'
import { callEvents } from '../calls/fixture.test-helper.js'
import { readConfig } from '../config.js'
import { startApi } from './service.js'

let folder: string
let redis: ChildProcess
let redisUrl: string

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address !== null && typeof address === 'object' ? address.port : 0
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-service-'))
  const port = await freePort()
  redisUrl = `redis://127.0.0.1:${port}`
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  redis = spawn(process.env.HOTLINE_REDIS_SERVER ?? 'redis-server', settings, { stdio: 'ignore' })
  await once(redis, 'spawn')
})
afterEach(async () => {
  redis.kill('SIGKILL')
  await once(redis, 'exit')
  await rm(folder, { recursive: true, force: true })
})

async function read(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(url)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (await holds()) return
    await sleep(50)
  }
  throw new Error(`never came true: ${what}`)
}

describe('API service', { timeout: 120_000 }, () => {
  it('has the record of a call that went on while the API was away', async () => {
    const config = readConfig({ HOTLINE_PORT: '0', HOTLINE_DATA: folder, REDIS_URL: redisUrl })
    const writer = createCallEventWriter({ redisUrl, log: silentLog, spoolDir: join(folder, 'spool') })
    const first = await startApi(config, silentLog)
    expect((await read(`${first.address}/v1/agents/demo`)).status).toBe(200)
    for (const event of callEvents('c1', 2)) writer.write(event)
    await until('the call is known', async () => (await read(`${first.address}/v1/calls/c1`)).status === 200)
    await until('only media is missing', async () => {
      const { missing } = (await read(`${first.address}/readyz`)).body
      return JSON.stringify(missing) === '["media"]'
    })
    await fetch(`${first.address}/v1/agents/demo`, { method: 'DELETE' })
    await first.close()

    for (const event of callEvents('c1').slice(2)) writer.write(event)
    expect(await writer.flush(10_000)).toBe(true)
    const second = await startApi(config, silentLog)
    await until('the call has its end', async () => {
      const { body } = await read(`${second.address}/v1/calls/c1`)
      return body.status === 'completed'
    })
    const { body } = await read(`${second.address}/v1/calls/c1?fields=turns.latency_ms,cause`)
    expect(body).toEqual({ turns: [{ latency_ms: 900 }], cause: 'caller_hangup' })
    expect((await read(`${second.address}/v1/agents/demo`)).status).toBe(404)
    await writer.close()
    await second.close()
  })
})
