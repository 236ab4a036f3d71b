import type { CallEvent } from '../shapes/call-event.js'

/** One event on its way to Redis: its JSON, and what the sender must know of it without parsing. */
export interface Item {
  line: string
  callId: string
  seq: number
  /** Unix ms. */
  time: number
  endsCall: boolean
  /** A passing text that the final one replaces: the first to go when there is no room anywhere. */
  isPartial: boolean
}

export function toItem(event: CallEvent): Item {
  const { type } = event.event
  return {
    line: JSON.stringify(event),
    callId: event.call_id,
    seq: event.seq,
    time: event.time,
    endsCall: type === 'call.ended',
    isPartial: type === 'caller.partial',
  }
}
