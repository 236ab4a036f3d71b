import { Agent } from '@hotline/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../app.test-helper.js'
import { DEMO_AGENT } from './demo-agent.js'

let test: TestApp
beforeAll(async () => {
  test = await createTestApp()
}, 60_000)
afterAll(() => test.close(), 30_000)

const send = (method: 'POST' | 'PATCH' | 'GET' | 'DELETE', url: string, payload?: object) =>
  test.app.inject({ method, url, ...(payload ? { payload } : {}) })

describe('/v1/agents', { timeout: 30_000 }, () => {
  it('creates, reads by name and by id, changes and deletes', async () => {
    const made = await send('POST', '/v1/agents', { name: 'bistro', turn_taking: { min_delay_ms: 250 } })
    expect(made.statusCode).toBe(201)
    const agent = Agent.parse(made.json())
    expect((await send('GET', '/v1/agents/bistro')).json()).toEqual(agent)
    expect((await send('GET', `/v1/agents/${agent.id}`)).json()).toEqual(agent)
    for (const method of ['PATCH', 'POST'] as const) {
      const changed = await send(method, '/v1/agents/bistro', { limits: { max_call_ms: 60_000 } })
      expect(changed.json()).toMatchObject({ limits: { max_call_ms: 60_000 }, turn_taking: { min_delay_ms: 250 } })
    }
    const gone = await send('DELETE', '/v1/agents/bistro')
    expect(gone.json()).toEqual({ id: agent.id, object: 'agent.deleted', deleted: true })
    const missing = await send('GET', '/v1/agents/bistro')
    expect([missing.statusCode, missing.json().error.code]).toEqual([404, 'agent_not_found'])
  })

  it('names the parameter that is wrong', async () => {
    const faults: [object, string, string][] = [
      [{}, 'name', 'missing_required_parameter'],
      [{ name: 'Not A User Part' }, 'name', 'invalid_value'],
      [{ name: 'a', turn_taking: { vad_threshold: 7 } }, 'turn_taking.vad_threshold', 'invalid_value'],
      [{ name: 'a', language: 'german' }, 'language', 'invalid_value'],
      [{ name: 'a', turn_taking: { speed: 7 } }, 'turn_taking.speed', 'unknown_parameter'],
      [{ name: 'a', no_input: { reprompts: ['ok', ''] } }, 'no_input.reprompts[1]', 'invalid_value'],
    ]
    for (const [body, param, code] of faults) {
      const answer = await send('POST', '/v1/agents', body)
      expect([answer.statusCode, answer.json().error.param, answer.json().error.code]).toEqual([400, param, code])
    }
    await send('POST', '/v1/agents', { name: 'taken' })
    const taken = await send('POST', '/v1/agents', { name: 'taken' })
    expect([taken.statusCode, taken.json().error]).toMatchObject([409, { code: 'agent_name_taken', param: 'name' }])
  })

  it('lists in pages with only the fields asked for', async () => {
    for (const name of ['l1', 'l2', 'l3']) await send('POST', '/v1/agents', { name })
    const first = (await send('GET', '/v1/agents?limit=2&fields=name,dtmf.finish_key')).json()
    expect(first.data).toEqual([
      { name: 'l3', dtmf: { finish_key: '#' } },
      { name: 'l2', dtmf: { finish_key: '#' } },
    ])
    expect(first).toMatchObject({ object: 'list', has_more: true })
    const next = (await send('GET', `/v1/agents?limit=1&fields=name&after=${first.last_id}`)).json()
    expect(next.data).toEqual([{ name: 'l1' }])
    const unknown = await send('GET', '/v1/agents?fields=name,nonsense')
    expect([unknown.statusCode, unknown.json().error]).toMatchObject([400, { code: 'unknown_field', param: 'fields' }])
    expect((await send('GET', '/v1/agents?after=agent_none')).json().error.code).toBe('unknown_cursor')
  })

  it('has a demo agent that asks for a recording', () => {
    expect(DEMO_AGENT).toMatchObject({ name: 'demo', recording: true, voice: 'joe' })
  })

  it('tells what is missing when it is not ready', async () => {
    const answer = await send('GET', '/readyz')
    expect([answer.statusCode, answer.json()]).toEqual([503, { status: 'not_ready', missing: ['redis'] }])
  })

  it('merges media’s metrics into its own', async () => {
    const { body } = await send('GET', '/metrics')
    expect(body).toContain('hotline_active_calls{service="media"} 3')
    expect(body).toMatch(/process_cpu_seconds_total\{service="api"\}/)
  })
})
