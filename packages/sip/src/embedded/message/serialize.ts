import { type Header, header } from './header.js'
import type { SipMessage } from './message.js'

/** The message as it goes on the wire. Content-Length is always computed here, in UTF-8 bytes. */
export function serialize(message: SipMessage): string {
  let text =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`
  for (const field of message.headers) {
    if (field.key !== 'content-length') text += `${field.name}: ${field.value}\r\n`
  }
  return `${text}Content-Length: ${message.body === '' ? 0 : Buffer.byteLength(message.body)}\r\n\r\n${message.body}`
}

/** Header fields in which every `key` of `replacement` takes the place of what stood there before. */
export function withHeader(headers: readonly Header[], name: string, value: string | number): Header[] {
  const added = header(name, value)
  const at = headers.findIndex((field) => field.key === added.key)
  if (at < 0) return [...headers, added]
  return headers.flatMap((field, i) => (i === at ? [added] : field.key === added.key ? [] : [field]))
}

/** Header fields without those of the given lower-case names. */
export function withoutHeaders(headers: readonly Header[], ...keys: string[]): Header[] {
  return headers.filter((field) => !keys.includes(field.key))
}
