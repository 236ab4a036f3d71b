import { parseParams } from './address.js'
import { formatHost } from './uri.js'

/** One Via value, RFC 3261 §20.42. */
export interface Via {
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  readonly params: ReadonlyMap<string, string>
  /** The value as it was written. */
  readonly text: string
}

const VIA =
  /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9-]+)\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?:\s*:\s*(\d{1,5}))?\s*(;.*)?$/is

/** Reads one Via value; null when it is malformed. */
export function parseVia(text: string): Via | null {
  const match = VIA.exec(text.trim())
  if (!match) return null
  const port = match[3] === undefined ? undefined : Number(match[3])
  if (port !== undefined && (port < 1 || port > 65535)) return null
  const params = parseParams(match[4] ?? '')
  if (!params) return null
  const host = (match[2] ?? '').replace(/^\[|\]$/g, '')
  return { transport: (match[1] ?? '').toUpperCase(), host, port, params, text: text.trim() }
}

/**
 * The Via value as the server stores it: `received` where the source differs from sent-by (RFC 3261 §18.2.1), and
 * `rport` filled in where the client asked for it (RFC 3581 §4).
 */
export function stampVia(via: Via, sourceAddress: string, sourcePort: number): string {
  const wantsRport = via.params.has('rport')
  if (!wantsRport && via.host === sourceAddress) return via.text
  let text = `SIP/2.0/${via.transport} ${formatHost(via.host)}${via.port === undefined ? '' : `:${via.port}`}`
  for (const [name, value] of via.params) {
    if (name === 'received' || name === 'rport') continue
    text += value === '' ? `;${name}` : `;${name}=${value}`
  }
  if (wantsRport) text += `;rport=${sourcePort}`
  return `${text};received=${sourceAddress}`
}
