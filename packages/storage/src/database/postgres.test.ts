import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AgentNameTakenError, createAgentStore } from '../agents/agent-store.js'
import { createCallStore } from '../calls/call-store.js'
import { callEvents } from '../calls/fixture.test-helper.js'
import { AgentInput } from '../shapes/agent.js'
import { type Database, openDatabase } from './database.js'
import { lackOfPostgres, startTestPostgres, type TestPostgres } from './postgres-server.test-helper.js'

const log = { info() {}, warn() {}, error() {} }
const lack = lackOfPostgres()
if (lack) console.warn(`skipped: ${lack}`)

describe.skipIf(lack !== null)('a Postgres server named by its URL', { timeout: 30_000 }, () => {
  let server: TestPostgres
  let database: Database
  beforeAll(async () => {
    server = await startTestPostgres()
    database = await openDatabase({ log, url: server.url })
  }, 60_000)
  afterAll(async () => {
    await database?.close()
    await server?.stop()
  })

  test('keeps agents: made, read, listed, changed and deleted', async () => {
    const agents = createAgentStore(database.db)
    const made = await agents.create(AgentInput.parse({ name: 'first', metadata: { team: 'Ærø ☎' } }))
    const second = await agents.create(AgentInput.parse({ name: 'second' }))
    expect(await agents.get('first')).toEqual(made)
    expect(await agents.get(made.id)).toEqual(made)
    await expect(agents.create(AgentInput.parse({ name: 'first' }))).rejects.toBeInstanceOf(AgentNameTakenError)
    const page = await agents.list({ limit: 1 })
    expect([page.items.map(({ id }) => id), page.hasMore]).toEqual([[second.id], true])
    expect(await agents.update('first', { speed: 1.5 })).toMatchObject({ id: made.id, speed: 1.5, version: 2 })
    await agents.remove('second')
    expect(await agents.get(second.id)).toBeNull()
    expect((await agents.list({ limit: 10, after: second.id })).items.map(({ name }) => name)).toEqual(['first'])
  })

  test('counts the events of a call once, however often and by however many at once they are stored', async () => {
    const calls = createCallStore(database.db)
    const events = callEvents('call')
    const stored = await Promise.all([calls.store(events), calls.store(events)])
    expect(stored.reduce((sum, { inserted }) => sum + inserted.length, 0)).toBe(events.length)
    expect((await calls.store(events)).inserted).toEqual([])
    expect(await calls.events('call', -1, 100)).toEqual(events)
    const record = await calls.get('call')
    expect(record).toMatchObject({ status: 'completed', duration_ms: 5000, usage: { prompt_tokens: 100 } })
    expect(record?.transcript.map(({ text }) => text)).toEqual(['Hello.', 'What time do you open?', 'We open at'])
    expect((await calls.list({ limit: 10, agent: 'demo' })).items.map(({ id }) => id)).toEqual(['call'])
  })

  test('is brought up to date once when several processes open it for the first time at once', async () => {
    await database.db.execute(sql`create database fresh`)
    const url = new URL('/fresh', server.url).href
    const opened = await Promise.all([1, 2, 3].map(() => openDatabase({ log, url })))
    for (const { db } of opened) expect((await createAgentStore(db).list({ limit: 1 })).items).toEqual([])
    await Promise.all(opened.map((one) => one.close()))
  })

  test('a server that dies is reported as down, and is used again when it is back', async () => {
    expect(await database.isUp()).toBe(true)
    await server.crash()
    expect(await database.isUp()).toBe(false)
    await expect(createAgentStore(database.db).get('first')).rejects.toThrow()
    await server.start()
    expect(await database.isUp()).toBe(true)
    expect(await createAgentStore(database.db).get('first')).toMatchObject({ speed: 1.5 })
  })
})
