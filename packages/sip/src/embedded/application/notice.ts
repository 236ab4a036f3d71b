import { randomUUID } from 'node:crypto'
import type { Hop } from '../transport/hop.js'

/** Where and when a message was sent or received, as the application learns it. */
export interface Passage {
  readonly source: 'network' | 'application'
  readonly hop: Hop
  readonly bytes: number
}

/** Wall-clock time of day as `HH:MM:SS.uuuuuu`. */
export function timeOfDay(date = new Date()): string {
  return `${date.toISOString().slice(11, 23)}000`
}

function passageFields(passage: Passage): string {
  const { source, bytes, hop } = passage
  return `${source}|${bytes}|${hop.proto}|${hop.address}|${hop.port}|${timeOfDay()}`
}

/** A SIP message for the application. `local` is the address that it came in on, for new requests. */
export function sipNotice(
  passage: Passage,
  transactionId: string,
  dialogId: string,
  wire: string,
  local?: { readonly address: string; readonly port: number },
): string {
  const at = local ? `${local.address}|${local.port}|` : ''
  return `${randomUUID()}|sip|${passageFields(passage)}|${transactionId}|${dialogId}|${at}\r\n${wire}`
}

/** A reply without a message. */
export function plainReply(msgId: string, ...fields: readonly string[]): string {
  return [randomUUID(), 'response', msgId, ...fields].join('|')
}

/** The echo of a response that was sent. */
export function responseEcho(
  msgId: string,
  passage: Passage,
  transactionId: string,
  dialogId: string,
  wire: string,
): string {
  return `${randomUUID()}|response|${msgId}|OK|${passageFields(passage)}|${transactionId}|${dialogId}||Msg sent:|\r\n${wire}`
}

/** The echo of a request that was sent. */
export function requestEcho(msgId: string, passage: Passage, transactionId: string, wire: string): string {
  return `${randomUUID()}|response|${msgId}|OK|${passageFields(passage)}|${transactionId}|Msg sent:|\r\n${wire}`
}

/** A response that a proxied request received; more may follow. */
export function proxyReply(msgId: string, passage: Passage, wire: string): string {
  return `${randomUUID()}|response|${msgId}|OK|${passageFields(passage)}|||continue\r\n${wire}`
}

/** A call detail record. `extra` is the role of a start, or the reason of a stop. */
export function cdrNotice(kind: 'attempt' | 'start' | 'stop', source: string, extra: string, wire: string): string {
  const tail = extra === '' ? '' : `|${extra}`
  return `${randomUUID()}|cdr:${kind}|${source}|${timeOfDay()}${tail}\r\n${wire}`
}
