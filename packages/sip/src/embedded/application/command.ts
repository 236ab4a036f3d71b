import type { SipMessage } from '../message/message.js'
import { parseApplicationMessage } from '../message/parse.js'

/** A command of the application. `msgId` is what its reply refers to. */
export type Command =
  | { readonly kind: 'authenticate'; readonly msgId: string; readonly secret: string; readonly tags: readonly string[] }
  | { readonly kind: 'route' | 'remove_route'; readonly msgId: string; readonly verb: string }
  | { readonly kind: 'ping'; readonly msgId: string }
  | {
      readonly kind: 'sip'
      readonly msgId: string
      readonly transactionId: string
      readonly dialogId: string
      /** Outbound proxy, empty for none. */
      readonly proxyUri: string
      readonly message: SipMessage
    }
  | ProxyCommand
  | { readonly kind: 'unknown'; readonly msgId: string; readonly problem: string }

/** `proxy`: forward a pending request. Timeouts in ms; 0 for the default. */
export interface ProxyCommand {
  readonly kind: 'proxy'
  readonly msgId: string
  readonly transactionId: string
  readonly recordRoute: boolean
  readonly fullResponse: boolean
  readonly followRedirects: boolean
  readonly simultaneous: boolean
  readonly provisionalMs: number
  readonly finalMs: number
  readonly destinations: readonly string[]
  readonly message: SipMessage
}

/** Reads one frame. */
export function parseCommand(frame: string): Command {
  const lineEnd = frame.indexOf('\r\n')
  const fields = (lineEnd < 0 ? frame : frame.slice(0, lineEnd)).split('|')
  const msgId = fields[0] ?? ''
  switch (fields[1]) {
    case 'authenticate':
      return {
        kind: 'authenticate',
        msgId,
        secret: fields[2] ?? '',
        tags: (fields[3] ?? '').split(',').filter(Boolean),
      }
    case 'route':
    case 'remove_route': {
      const verb = (fields[2] ?? '').toLowerCase()
      if (!/^[a-z:]{1,32}$/.test(verb)) return { kind: 'unknown', msgId, problem: 'bad verb' }
      return { kind: fields[1], msgId, verb }
    }
    case 'ping':
      return { kind: 'ping', msgId }
    case 'sip': {
      const message = lineEnd < 0 ? null : parseApplicationMessage(frame.slice(lineEnd + 2))
      // A command that names SIP but carries none is answered, not punished.
      if (!message) return { kind: 'unknown', msgId, problem: 'malformed SIP message' }
      const [, , transactionId = '', dialogId = '', proxyUri = ''] = fields
      return { kind: 'sip', msgId, transactionId, dialogId, proxyUri, message }
    }
    case 'proxy': {
      const message = lineEnd < 0 ? null : parseApplicationMessage(frame.slice(lineEnd + 2))
      if (!message || fields.length < 10) return { kind: 'unknown', msgId, problem: 'Invalid proxy request' }
      return {
        kind: 'proxy',
        msgId,
        transactionId: fields[2] ?? '',
        recordRoute: fields[3] === 'remainInDialog',
        fullResponse: fields[4] === 'fullResponse',
        followRedirects: fields[5] === 'followRedirects',
        simultaneous: fields[6] === 'simultaneous',
        provisionalMs: parseDurationMs(fields[7] ?? ''),
        finalMs: parseDurationMs(fields[8] ?? ''),
        destinations: fields.slice(9).filter(Boolean),
        message,
      }
    }
    default:
      return { kind: 'unknown', msgId, problem: 'Unknown message type' }
  }
}

/** `2s` and `1500ms` as ms; 0 for anything else. */
function parseDurationMs(text: string): number {
  const match = /^(\d{1,7})(ms|s)?$/.exec(text.trim())
  if (!match) return 0
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1)
}
