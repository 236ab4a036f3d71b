import { type Header, headerKey, headerName } from './header.js'
import type { SipMessage } from './message.js'

/** What `parseMessage` found. A `broken` request keeps the header fields that could be read, so that it can be refused. */
export type Parsed =
  | { readonly ok: true; readonly message: SipMessage }
  | { readonly ok: false; readonly problem: string; readonly status: number; readonly broken: SipMessage | null }

/** Bounds on one message. */
export interface MessageLimits {
  readonly headerBytes: number
  readonly headerFields: number
  readonly bodyBytes: number
}

export const MESSAGE_LIMITS: MessageLimits = { headerBytes: 16_384, headerFields: 128, bodyBytes: 65_536 }

const TOKEN = /^[A-Za-z0-9.!%*_+`'~-]+$/
const REQUEST_LINE = /^([A-Za-z0-9.!%*_+`'~-]{1,32}) (\S+) SIP\/(\d+\.\d+)$/i
const STATUS_LINE = /^SIP\/(\d+\.\d+) (\d{3})(?: (.*))?$/i

/**
 * Reads one whole message, RFC 3261 §7 and §25. `exact` tells that the body ends with `bytes` by the framing (TCP); in
 * a datagram what follows Content-Length is dropped and a body that is too short is an error (§18.3).
 */
export function parseMessage(bytes: Buffer, exact = false, limits: MessageLimits = MESSAGE_LIMITS): Parsed {
  const headEnd = bytes.indexOf('\r\n\r\n')
  const head = bytes.toString('utf8', 0, headEnd < 0 ? bytes.length : headEnd)
  const lines = unfold(head)
  const start = parseStartLine(lines[0] ?? '')
  if (!start) return bad('malformed start line', 400, null)
  const { message, version } = start
  let problem = ''
  if (lines.length - 1 > limits.headerFields) problem = 'too many header fields'
  for (let i = 1; i < lines.length && i <= limits.headerFields; i++) {
    const field = parseField(lines[i] ?? '')
    if (field) message.headers.push(field)
    else problem = 'malformed header field'
  }
  if (headEnd < 0) return bad('header not terminated', 400, message)
  if (headEnd > limits.headerBytes) return bad('header too large', 513, message)
  if (problem !== '') return bad(problem, 400, message)
  if (version !== '2.0') return bad('SIP version not supported', 505, message)
  const bodyStart = headEnd + 4
  let bodyBytes = bytes.length - bodyStart
  const declared = message.headers.find((field) => field.key === 'content-length')?.value
  if (declared !== undefined) {
    if (!/^\d{1,9}$/.test(declared)) return bad('malformed Content-Length', 400, message)
    if (Number(declared) > bodyBytes) return bad('body shorter than Content-Length', 400, message)
    bodyBytes = Number(declared)
  } else if (exact && bodyBytes > 0) return bad('Content-Length missing', 400, message)
  if (bodyBytes > limits.bodyBytes) return bad('body too large', 513, message)
  if (bodyBytes > 0) message.body = bytes.toString('utf8', bodyStart, bodyStart + bodyBytes)
  return { ok: true, message }
}

/** Reads a message that the application sent: header fields are split lazily there, Content-Length is not to be trusted. */
export function parseApplicationMessage(text: string): SipMessage | null {
  const headEnd = text.indexOf('\r\n\r\n')
  const lines = unfold(headEnd < 0 ? text.replace(/\r\n$/, '') : text.slice(0, headEnd))
  const start = parseStartLine(lines[0] ?? '')
  if (!start) return null
  for (let i = 1; i < lines.length; i++) {
    const field = parseField(lines[i] ?? '')
    if (!field) return null
    if (field.key !== 'content-length') start.message.headers.push(field)
  }
  if (headEnd >= 0) start.message.body = text.slice(headEnd + 4)
  return start.message
}

function parseStartLine(line: string): { message: SipMessage; version: string } | null {
  const status = STATUS_LINE.exec(line)
  if (status) {
    const code = Number(status[2])
    if (code < 100 || code > 699) return null
    const message = { kind: 'response' as const, status: code, reason: status[3] ?? '', headers: [], body: '' }
    return { message, version: status[1] ?? '' }
  }
  const request = REQUEST_LINE.exec(line)
  if (!request) return null
  const message = { kind: 'request' as const, method: request[1] ?? '', uri: request[2] ?? '', headers: [], body: '' }
  return { message, version: request[3] ?? '' }
}

function parseField(line: string): Header | null {
  const colon = line.indexOf(':')
  if (colon < 1) return null
  const name = line.slice(0, colon).trimEnd()
  if (!TOKEN.test(name)) return null
  const key = headerKey(name)
  return { key, name: name.length === 1 || name === key ? headerName(key) : name, value: line.slice(colon + 1).trim() }
}

/** Lines of a header; a line that begins with white space continues the one before (§7.3.1). */
function unfold(head: string): string[] {
  const text = head.includes('\r\n ') || head.includes('\r\n\t') ? head.replace(/[ \t]*\r\n[ \t]+/g, ' ') : head
  return text.split('\r\n')
}

function bad(problem: string, status: number, broken: SipMessage | null): Parsed {
  return { ok: false, problem, status, broken }
}
