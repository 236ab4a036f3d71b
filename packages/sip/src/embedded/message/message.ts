import type { Header } from './header.js'

/** A SIP request, RFC 3261 §7.1. The body is text: every body this server looks at is SDP or the like. */
export interface SipRequest {
  readonly kind: 'request'
  method: string
  uri: string
  headers: Header[]
  body: string
}

/** A SIP response, RFC 3261 §7.2. */
export interface SipResponse {
  readonly kind: 'response'
  status: number
  reason: string
  headers: Header[]
  body: string
}

export type SipMessage = SipRequest | SipResponse

/** First value of a header field (lower-case full name), or undefined. */
export function get(message: { headers: readonly Header[] }, key: string): string | undefined {
  for (const field of message.headers) if (field.key === key) return field.value
  return undefined
}

/** Every value of a header field, one for each line, in order. */
export function getAll(message: { headers: readonly Header[] }, key: string): string[] {
  const values: string[] = []
  for (const field of message.headers) if (field.key === key) values.push(field.value)
  return values
}

/** Every value of a comma-separated header field, in order; commas in quotes or angle brackets do not separate. */
export function getList(message: { headers: readonly Header[] }, key: string): string[] {
  const values: string[] = []
  for (const field of message.headers) if (field.key === key) values.push(...splitList(field.value))
  return values
}

/** True when a comma-separated header field of tokens (Supported, Require, Allow) holds `token`. */
export function hasToken(message: { headers: readonly Header[] }, key: string, token: string): boolean {
  const wanted = token.toLowerCase()
  return getList(message, key).some((value) => value.toLowerCase() === wanted)
}

/** Splits at commas that stand outside quotes and angle brackets; empty parts are left out. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) {
    const only = value.trim()
    return only === '' ? [] : [only]
  }
  const parts: string[] = []
  let start = 0
  let quoted = false
  let depth = 0
  for (let i = 0; i <= value.length; i++) {
    const char = i === value.length ? ',' : value[i]
    if (i < value.length && quoted) {
      if (char === '\\') i++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '<') depth++
    else if (char === '>') depth = Math.max(0, depth - 1)
    else if (char === ',' && (depth === 0 || i === value.length)) {
      const part = value.slice(start, i).trim()
      if (part !== '') parts.push(part)
      start = i + 1
    }
  }
  return parts
}
