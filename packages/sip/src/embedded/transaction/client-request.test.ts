import { expect, it } from 'vitest'
import { beginClientRequest, type ClientRequestEvent, stepClientRequest } from './client-request.js'
import { RFC_TIMING } from './timing.js'

type Row = [atMs: number, event: ClientRequestEvent, phase: string, effects: string]

const response = (status: number): ClientRequestEvent => ({ type: 'response', status })
const tick: ClientRequestEvent = { type: 'tick' }

it.each<[string, boolean, Row[]]>([
  [
    '§17.1.2.2 timer E doubles up to T2, timer F gives up after 64*T1',
    false,
    [
      [500, tick, 'trying', 'send'],
      [1500, tick, 'trying', 'send'],
      [3500, tick, 'trying', 'send'],
      [7500, tick, 'trying', 'send'],
      [11_500, tick, 'trying', 'send'],
      [32_000, tick, 'terminated', 'timeout terminated'],
    ],
  ],
  [
    '§17.1.2.2 in Proceeding it is repeated every T2',
    false,
    [
      [100, response(100), 'proceeding', 'deliver'],
      [500, tick, 'proceeding', 'send'],
      [4499, tick, 'proceeding', ''],
      [4500, tick, 'proceeding', 'send'],
      [4600, response(200), 'completed', 'deliver'],
    ],
  ],
  [
    '§17.1.2.2 timer K absorbs answers that come again for T4',
    false,
    [
      [100, response(481), 'completed', 'deliver'],
      [600, response(481), 'completed', ''],
      [5100, tick, 'terminated', 'terminated'],
    ],
  ],
  ['§17.1.2.2 timer K is zero over TCP', true, [[100, response(200), 'terminated', 'deliver terminated']]],
  ['§17.1.4 a transport error ends it', false, [[1, { type: 'unreachable' }, 'terminated', 'unreachable terminated']]],
])('%s', (_, reliable, rows) => {
  let { state } = beginClientRequest('BYE', reliable, 0, RFC_TIMING)
  for (const [atMs, event, phase, effects] of rows) {
    const step = stepClientRequest(state, event, atMs, RFC_TIMING)
    state = step.state
    const told = step.effects.map((effect) => effect.kind).join(' ')
    expect({ atMs, phase: state.phase, effects: told }).toEqual({ atMs, phase, effects })
  }
})
