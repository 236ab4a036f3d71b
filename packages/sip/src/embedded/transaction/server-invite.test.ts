import { expect, it } from 'vitest'
import { beginServerInvite, type ServerInviteEvent, stepServerInvite } from './server-invite.js'
import { earliest, RFC_TIMING } from './timing.js'

type Row = [atMs: number, event: ServerInviteEvent, phase: string, effects: string]

const respond = (status: number): ServerInviteEvent => ({ type: 'respond', status, wire: String(status) })
const tick: ServerInviteEvent = { type: 'tick' }
const request: ServerInviteEvent = { type: 'request' }
const ack: ServerInviteEvent = { type: 'ack' }

function play(reliable: boolean, rows: Row[]): void {
  let state = beginServerInvite(reliable)
  for (const [atMs, event, phase, effects] of rows) {
    const step = stepServerInvite(state, event, atMs, RFC_TIMING)
    state = step.state
    const told = step.effects.map((effect) => (effect.kind === 'send' ? effect.wire : effect.kind)).join(' ')
    expect({ atMs, phase: state.phase, effects: told }).toEqual({ atMs, phase, effects })
  }
}

it.each<[string, boolean, Row[]]>([
  [
    '§17.2.1 repeats the last provisional response for every INVITE that comes again',
    false,
    [
      [0, request, 'proceeding', ''],
      [0, respond(100), 'proceeding', '100'],
      [500, request, 'proceeding', '100'],
      [600, respond(180), 'proceeding', '180'],
      [1500, request, 'proceeding', '180'],
    ],
  ],
  [
    '§17.2.1 timer G doubles up to T2, timer H gives up after 64*T1',
    false,
    [
      [0, respond(486), 'completed', '486'],
      [499, tick, 'completed', ''],
      [500, tick, 'completed', '486'],
      [1500, tick, 'completed', '486'],
      [3500, tick, 'completed', '486'],
      [7500, tick, 'completed', '486'],
      [11_500, tick, 'completed', '486'],
      [32_000, tick, 'terminated', 'timeout terminated'],
      [40_000, request, 'terminated', ''],
    ],
  ],
  [
    '§17.2.1 an ACK stops the repetition, timer I absorbs more of them for T4',
    false,
    [
      [0, respond(404), 'completed', '404'],
      [100, ack, 'confirmed', ''],
      [600, tick, 'confirmed', ''],
      [700, ack, 'confirmed', ''],
      [800, request, 'confirmed', ''],
      [5100, tick, 'terminated', 'terminated'],
    ],
  ],
  [
    '§17.2.1 over TCP nothing is repeated and timer I is zero',
    true,
    [
      [0, respond(603), 'completed', '603'],
      [10_000, tick, 'completed', ''],
      [10_001, ack, 'terminated', 'terminated'],
    ],
  ],
  [
    'RFC 6026 §7.1 Accepted absorbs INVITEs, lets 2xx through and ends with timer L',
    false,
    [
      [0, respond(200), 'accepted', '200'],
      [500, request, 'accepted', ''],
      [500, respond(200), 'accepted', '200'],
      [600, respond(486), 'accepted', ''],
      [700, ack, 'accepted', ''],
      [31_999, tick, 'accepted', ''],
      [32_000, tick, 'terminated', 'terminated'],
    ],
  ],
  [
    '§17.2.4 a transport error ends it',
    false,
    [
      [0, respond(486), 'completed', '486'],
      [1, { type: 'unreachable' }, 'terminated', 'unreachable terminated'],
    ],
  ],
])('%s', (_, reliable, rows) => play(reliable, rows))

it('does not answer twice when the application does', () => {
  let state = stepServerInvite(beginServerInvite(false), respond(486), 0, RFC_TIMING).state
  const step = stepServerInvite(state, respond(200), 1, RFC_TIMING)
  state = step.state
  expect(step.effects).toEqual([])
  expect(state.lastResponse).toBe('486')
})

it('holds no timer once it is over', () => {
  const state = stepServerInvite(beginServerInvite(false), { type: 'unreachable' }, 0, RFC_TIMING).state
  expect(earliest(state.timers)).toBeUndefined()
})
