import { expect, it } from 'vitest'
import { beginServerRequest, type ServerRequestEvent, stepServerRequest } from './server-request.js'
import { RFC_TIMING } from './timing.js'

type Row = [atMs: number, event: ServerRequestEvent, phase: string, effects: string]

const respond = (status: number): ServerRequestEvent => ({ type: 'respond', status, wire: String(status) })
const tick: ServerRequestEvent = { type: 'tick' }
const request: ServerRequestEvent = { type: 'request' }

it.each<[string, boolean, Row[]]>([
  [
    '§17.2.2 in Trying a request that comes again is discarded',
    false,
    [
      [500, request, 'trying', ''],
      [600, respond(200), 'completed', '200'],
      [1500, request, 'completed', '200'],
    ],
  ],
  [
    '§17.2.2 in Proceeding and Completed the last response is repeated, later ones are dropped',
    false,
    [
      [0, respond(100), 'proceeding', '100'],
      [500, request, 'proceeding', '100'],
      [600, respond(200), 'completed', '200'],
      [700, respond(500), 'completed', ''],
      [900, request, 'completed', '200'],
    ],
  ],
  [
    '§17.2.2 timer J ends it after 64*T1 over UDP',
    false,
    [
      [0, respond(200), 'completed', '200'],
      [31_999, tick, 'completed', ''],
      [32_000, tick, 'terminated', 'terminated'],
    ],
  ],
  ['§17.2.2 timer J is zero over TCP', true, [[0, respond(200), 'terminated', '200 terminated']]],
  [
    'RFC 4320 §4.2 an application that never answers leaves the client without a late 408',
    false,
    [
      [31_999, tick, 'trying', ''],
      [32_000, tick, 'terminated', 'timeout terminated'],
      [33_000, respond(200), 'terminated', ''],
    ],
  ],
])('%s', (_, reliable, rows) => {
  let state = beginServerRequest(reliable, 0, RFC_TIMING)
  for (const [atMs, event, phase, effects] of rows) {
    const step = stepServerRequest(state, event, atMs, RFC_TIMING)
    state = step.state
    const told = step.effects.map((effect) => (effect.kind === 'send' ? effect.wire : effect.kind)).join(' ')
    expect({ atMs, phase: state.phase, effects: told }).toEqual({ atMs, phase, effects })
  }
})
