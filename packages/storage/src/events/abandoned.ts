import type { CallEvent } from '../shapes/call-event.js'
import type { OpenCall } from './stream.js'

/** The cause of a call whose media process died. */
export const MEDIA_LOST = 'media_lost'

function readOpenCall(text: string): OpenCall | null {
  try {
    const { seq, startedAt, lastAt } = JSON.parse(text) as Partial<OpenCall>
    if (typeof seq !== 'number' || typeof startedAt !== 'number' || typeof lastAt !== 'number') return null
    return { seq, startedAt, lastAt }
  } catch {
    return null
  }
}

/**
 * The `call.ended` events of calls that a dead process left open: a call's record must not say "in progress" for ever.
 * Usage is zero here; the record keeps what its turns counted.
 */
export function abandonedCallEnds(
  open: Readonly<Record<string, string>>,
  isAlive: (callId: string) => boolean,
  nowMs: number,
): CallEvent[] {
  const ends: CallEvent[] = []
  for (const [callId, text] of Object.entries(open)) {
    const call = readOpenCall(text)
    if (!call || isAlive(callId)) continue
    ends.push({
      call_id: callId,
      seq: call.seq + 1,
      time: nowMs,
      event: {
        type: 'call.ended',
        cause: MEDIA_LOST,
        duration_ms: Math.max(0, call.lastAt - call.startedAt),
        usage: { prompt_tokens: 0, completion_tokens: 0, cached_tokens: 0 },
        media: {},
      },
    })
  }
  return ends
}
