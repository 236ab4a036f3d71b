/** A SIP message, RFC 3261 §7. Header names in lower case, long form; values in order of appearance. */
export interface SipMessage {
  /** Requests only. */
  method?: string
  uri?: string
  /** Responses only. */
  status?: number
  reason?: string
  headers: [name: string, value: string][]
  body: string
}

const COMPACT: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
}

/** The first value of a header, or ''. */
export function header(message: SipMessage, name: string): string {
  return message.headers.find(([candidate]) => candidate === name)?.[1] ?? ''
}

/** All values of a header that may repeat, comma-separated ones apart. */
export function headerValues(message: SipMessage, name: string): string[] {
  return message.headers
    .filter(([candidate]) => candidate === name)
    .flatMap(([, value]) => value.split(/,(?=(?:[^"<]|"[^"]*"|<[^>]*>)*$)/))
    .map((value) => value.trim())
}

/** Reads one message; null where the start line is none. */
export function parseSip(text: string): SipMessage | null {
  const end = text.indexOf('\r\n\r\n')
  const head = (end < 0 ? text : text.slice(0, end)).replace(/\r\n[ \t]+/g, ' ')
  const [start = '', ...lines] = head.split('\r\n')
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    return colon > 0 ? [[COMPACT[name] ?? name, line.slice(colon + 1).trim()]] : []
  })
  const body = end < 0 ? '' : text.slice(end + 4)
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(start)
  if (response) return { status: Number(response[1]), reason: response[2] ?? '', headers, body }
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(start)
  return request ? { method: request[1] ?? '', uri: request[2] ?? '', headers, body } : null
}

/** Writes one message, with the Content-Length of its body. */
export function formatSip({ method, uri, status, reason, headers, body }: SipMessage): string {
  const start = status === undefined ? `${method} ${uri} SIP/2.0` : `SIP/2.0 ${status} ${reason ?? ''}`
  const lines = headers
    .filter(([name]) => name !== 'content-length')
    .map(([name, value]) => `${capital(name)}: ${value}`)
  return [start, ...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')
}

/** The `tag` of a From or To header. */
export function tagOf(value: string): string | undefined {
  return /;tag=([^;>\s]+)/.exec(value)?.[1]
}

/** The URI of a name-addr or addr-spec. */
export function uriOf(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0] ?? value
}

/** Host and port of a SIP URI; 5060 where it gives none. */
export function hostPortOf(uri: string): { host: string; port: number } {
  const [host = '', port] =
    (
      uri
        .replace(/^sips?:/, '')
        .split('@')
        .at(-1) ?? ''
    )
      .split(/[;?]/)[0]
      ?.split(':') ?? []
  return { host, port: Number(port ?? 5060) }
}

const NAMES: Record<string, string> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'max-forwards': 'Max-Forwards',
  'content-type': 'Content-Type',
  'record-route': 'Record-Route',
}

function capital(name: string): string {
  return NAMES[name] ?? name.charAt(0).toUpperCase() + name.slice(1)
}
