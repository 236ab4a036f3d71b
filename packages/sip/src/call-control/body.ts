import type { SrfMessage } from './drachtio.js'

/** What a message's body is for the call: nothing, a session description, or something else. */
export type BodyKind = { readonly kind: 'none' | 'other' } | { readonly kind: 'sdp'; readonly sdp: string }

/** Finds the session description of a message, also inside a multipart body (RFC 5621). */
export function readBody(message: SrfMessage): BodyKind {
  const body = message.body ?? ''
  if (body.trim() === '') return { kind: 'none' }
  const type = (message.get('content-type') ?? 'application/sdp').split(';')[0]?.trim().toLowerCase()
  if (type === 'application/sdp') return { kind: 'sdp', sdp: body }
  const part = message.payload?.find((candidate) => candidate.type?.toLowerCase().startsWith('application/sdp'))
  if (type?.startsWith('multipart/') && part?.content) return { kind: 'sdp', sdp: part.content }
  return { kind: 'other' }
}

/** Reads the key of an INFO body: `application/dtmf-relay` (Signal, Duration) or `application/dtmf`. Null when it is none. */
export function readDtmf(contentType: string, body: string): { digit: string; durationMs: number | undefined } | null {
  const type = contentType.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/dtmf') {
    const digit = /^\s*([0-9A-Da-d*#])\s*$/.exec(body)?.[1]
    return digit === undefined ? null : { digit: digit.toUpperCase(), durationMs: undefined }
  }
  if (type !== 'application/dtmf-relay') return null
  const signal = /^\s*Signal\s*=\s*([0-9A-Da-d*#]|1[01])\s*$/im.exec(body)?.[1]
  if (signal === undefined) return null
  const digit = signal === '10' ? '*' : signal === '11' ? '#' : signal.toUpperCase()
  const duration = /^\s*Duration\s*=\s*(\d{1,6})\s*$/im.exec(body)?.[1]
  return { digit, durationMs: duration === undefined ? undefined : Number(duration) }
}
