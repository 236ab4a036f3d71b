import { headerKey } from '../message/header.js'
import { MESSAGE_LIMITS, type MessageLimits } from '../message/parse.js'

/** What came out of a stream: whole messages, keep-alives, or an end where framing is lost for good. */
export type StreamItem =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** A double CRLF, to be answered with one (RFC 5626 §4.4.1). */
  | { readonly kind: 'ping' }
  | { readonly kind: 'broken'; readonly problem: string }

/** Cuts a byte stream into SIP messages by Content-Length, RFC 3261 §18.3. */
export interface StreamFramer {
  push(chunk: Buffer): StreamItem[]
  /** Bytes that wait for the rest of their message. */
  readonly pendingBytes: number
}

/** A framer for one connection. Memory is bounded by the limits. */
export function createStreamFramer(limits: MessageLimits = MESSAGE_LIMITS): StreamFramer {
  let pending: Buffer = Buffer.alloc(0)
  let broken = false

  function take(): StreamItem | null {
    while (pending.length >= 2 && pending[0] === 13 && pending[1] === 10) {
      if (pending.length >= 4 && pending[2] === 13 && pending[3] === 10) {
        pending = pending.subarray(4)
        return { kind: 'ping' }
      }
      if (pending.length < 4) return null
      pending = pending.subarray(2)
    }
    const headEnd = pending.indexOf('\r\n\r\n')
    if (headEnd < 0) {
      return pending.length > limits.headerBytes ? lost('header too large') : null
    }
    if (headEnd > limits.headerBytes) return lost('header too large')
    const length = contentLength(pending.toString('latin1', 0, headEnd))
    if (length === null) return lost('malformed Content-Length')
    if (length > limits.bodyBytes) return lost('body too large')
    const total = headEnd + 4 + length
    if (pending.length < total) return null
    const bytes = pending.subarray(0, total)
    pending = pending.subarray(total)
    return { kind: 'message', bytes }
  }

  function lost(problem: string): StreamItem {
    broken = true
    pending = Buffer.alloc(0)
    return { kind: 'broken', problem }
  }

  return {
    push(chunk) {
      if (broken) return []
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      const items: StreamItem[] = []
      for (let item = take(); item !== null; item = broken ? null : take()) items.push(item)
      return items
    },
    get pendingBytes() {
      return pending.length
    },
  }
}

/** Value of Content-Length in a header; 0 when it is missing, null when it makes no sense. */
function contentLength(head: string): number | null {
  const lines = head.split('\r\n')
  let found: number | undefined
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1 || headerKey(line.slice(0, colon).trimEnd()) !== 'content-length') continue
    const value = line.slice(colon + 1).trim()
    if (!/^\d{1,9}$/.test(value) || found !== undefined) return null
    found = Number(value)
  }
  return found ?? 0
}
