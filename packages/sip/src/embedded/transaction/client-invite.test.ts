import { expect, it } from 'vitest'
import { beginClientInvite, type ClientInviteEvent, stepClientInvite } from './client-invite.js'
import { RFC_TIMING } from './timing.js'

type Row = [atMs: number, event: ClientInviteEvent, phase: string, effects: string]

const response = (status: number): ClientInviteEvent => ({ type: 'response', status })
const tick: ClientInviteEvent = { type: 'tick' }

it.each<[string, boolean, Row[]]>([
  [
    '§17.1.1.2 timer A doubles without limit, timer B gives up after 64*T1',
    false,
    [
      [499, tick, 'calling', ''],
      [500, tick, 'calling', 'send'],
      [1500, tick, 'calling', 'send'],
      [3500, tick, 'calling', 'send'],
      [7500, tick, 'calling', 'send'],
      [15_500, tick, 'calling', 'send'],
      [31_500, tick, 'calling', 'send'],
      [32_000, tick, 'terminated', 'timeout terminated'],
    ],
  ],
  [
    '§17.1.1.2 a provisional response stops timers A and B',
    false,
    [
      [100, response(100), 'proceeding', 'deliver'],
      [500, tick, 'proceeding', ''],
      [40_000, tick, 'proceeding', ''],
      [41_000, response(180), 'proceeding', 'deliver'],
    ],
  ],
  [
    '§17.1.1.2 a failure is acknowledged, also when it comes again, until timer D',
    false,
    [
      [100, response(486), 'completed', 'acknowledge deliver'],
      [600, response(486), 'completed', 'acknowledge'],
      [700, response(180), 'completed', ''],
      [32_099, tick, 'completed', ''],
      [32_100, tick, 'terminated', 'terminated'],
    ],
  ],
  [
    '§17.1.1.2 over TCP nothing is repeated and timer D is zero',
    true,
    [
      [500, tick, 'calling', ''],
      [600, response(404), 'terminated', 'acknowledge deliver terminated'],
    ],
  ],
  [
    'RFC 6026 §7.2 every 2xx is delivered until timer M',
    false,
    [
      [100, response(200), 'accepted', 'deliver'],
      [600, response(200), 'accepted', 'deliver'],
      [700, response(486), 'accepted', ''],
      [32_100, tick, 'terminated', 'terminated'],
    ],
  ],
  [
    '§9.1 a CANCEL without a final response ends after 64*T1, provisional ones notwithstanding',
    false,
    [
      [100, response(180), 'proceeding', 'deliver'],
      [10_000, { type: 'cancelled' }, 'proceeding', ''],
      [11_000, response(180), 'proceeding', 'deliver'],
      [41_999, tick, 'proceeding', ''],
      [42_000, tick, 'terminated', 'timeout terminated'],
    ],
  ],
  ['§17.1.4 a transport error ends it', false, [[1, { type: 'unreachable' }, 'terminated', 'unreachable terminated']]],
])('%s', (_, reliable, rows) => {
  const begin = beginClientInvite('INVITE', reliable, 0, RFC_TIMING)
  expect(begin.effects).toEqual([{ kind: 'send', wire: 'INVITE' }])
  let { state } = begin
  for (const [atMs, event, phase, effects] of rows) {
    const step = stepClientInvite(state, event, atMs, RFC_TIMING)
    state = step.state
    const told = step.effects.map((effect) => effect.kind).join(' ')
    expect({ atMs, phase: state.phase, effects: told }).toEqual({ atMs, phase, effects })
  }
})
