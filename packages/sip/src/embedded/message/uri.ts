/** A `sip:`, `sips:` or `tel:` URI, RFC 3261 §19.1 and RFC 3966. A `tel:` URI keeps its number in `user`. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips' | 'tel'
  /** User part as written, escapes kept; empty when there is none. */
  readonly user: string
  /** Host without brackets for IPv6. */
  readonly host: string
  readonly port: number | undefined
  readonly params: ReadonlyMap<string, string>
}

const SIP =
  /^(sips?):(?:([^@\s<>"]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?((?:;[^\s;?<>"]*)*)(?:\?[^\s<>"]*)?$/i
const TEL = /^tel:([+0-9A-Fa-f*#().-]+)((?:;[^\s;?<>"]*)*)$/i

/** Reads a URI; null when it is malformed, has a port over 65535 or another scheme. */
export function parseUri(text: string): SipUri | null {
  if (text.length > 1024) return null
  const sip = SIP.exec(text)
  if (sip) {
    const port = sip[4] === undefined ? undefined : Number(sip[4])
    if (port !== undefined && (port < 1 || port > 65535)) return null
    const host = (sip[3] ?? '').replace(/^\[|\]$/g, '')
    const scheme = (sip[1] ?? '').toLowerCase() === 'sips' ? 'sips' : 'sip'
    return { scheme, user: sip[2] ?? '', host: host.toLowerCase(), port, params: parseUriParams(sip[5] ?? '') }
  }
  const tel = TEL.exec(text)
  if (tel) return { scheme: 'tel', user: tel[1] ?? '', host: '', port: undefined, params: parseUriParams(tel[2] ?? '') }
  return null
}

/** The scheme of a URI in lower case, or an empty string. */
export function uriScheme(text: string): string {
  return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase() ?? ''
}

/** A host as it is written in a URI or Via: an IPv6 address gets brackets. */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** The user part with its %-escapes resolved and its parameters cut; malformed escapes are kept as written. */
export function decodeUser(user: string): string {
  const bare = user.split(';')[0]?.split(':')[0] ?? ''
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}

function parseUriParams(text: string): Map<string, string> {
  const params = new Map<string, string>()
  if (text === '') return params
  for (const part of text.split(';')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).toLowerCase()
    if (!params.has(name)) params.set(name, equals < 0 ? '' : part.slice(equals + 1))
  }
  return params
}
