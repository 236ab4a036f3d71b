import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database/database.js'
import { AgentInput } from '../shapes/agent.js'
import { AgentNameTakenError, type AgentStore, createAgentStore } from './agent-store.js'

const settings = (name: string, more: object = {}) => AgentInput.parse({ name, ...more })
let database: Database
let agents: AgentStore

beforeAll(async () => {
  database = await openDatabase({ log: { info() {}, warn() {}, error() {} } })
  agents = createAgentStore(database.db)
}, 60_000)
afterAll(() => database.close())

describe('agent store', { timeout: 30_000 }, () => {
  it('changes what a patch names and leaves the rest, defaults included, as it was', async () => {
    const made = await agents.create(settings('patched', { turn_taking: { min_delay_ms: 450 }, metadata: { a: '1' } }))
    const changed = await agents.update('patched', { turn_taking: { vad_stop_ms: 256 }, metadata: { b: '2' } })
    expect(changed?.turn_taking).toEqual({ ...made.turn_taking, vad_stop_ms: 256 })
    expect(changed).toMatchObject({ id: made.id, version: 2, metadata: { b: '2' } })
    expect(changed?.turn_taking.min_delay_ms).toBe(450)
  })

  it('keeps both of two changes made at once', async () => {
    await agents.create(settings('contested'))
    await Promise.all([agents.update('contested', { speed: 1.5 }), agents.update('contested', { voice: 'bella' })])
    expect(await agents.get('contested')).toMatchObject({ speed: 1.5, voice: 'bella', version: 3 })
  })

  it('refuses a name that is taken, at creation and at change', async () => {
    await agents.create(settings('one'))
    await agents.create(settings('two'))
    await expect(agents.create(settings('one'))).rejects.toBeInstanceOf(AgentNameTakenError)
    await expect(agents.update('two', { name: 'one' })).rejects.toBeInstanceOf(AgentNameTakenError)
    expect(await agents.get('two')).not.toBeNull()
  })

  it('does not bring back a seeded agent that was deleted or changed', async () => {
    await agents.seed(settings('seeded'))
    await agents.update('seeded', { speed: 2 })
    await agents.seed(settings('seeded'))
    expect((await agents.get('seeded'))?.speed).toBe(2)
    await agents.remove('seeded')
    await agents.seed(settings('seeded'))
    expect(await agents.get('seeded')).toBeNull()
  })

  it('walks the list exactly while agents come and go', async () => {
    const before = (await agents.list({ limit: 100 })).items.map(({ id }) => id)
    const seen: string[] = []
    let after: string | undefined
    for (let step = 0; ; step += 1) {
      const page = await agents.list({ limit: 1, after })
      seen.push(...page.items.map(({ id }) => id))
      after = page.items[0]?.id
      if (!page.hasMore || after === undefined) break
      await agents.create(settings(`late-${step}`))
      if (step === 1) await agents.remove(after)
    }
    expect(seen).toEqual(before)
  })
})
