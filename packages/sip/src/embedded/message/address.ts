/** A name-addr or addr-spec with its header parameters, RFC 3261 §20.10. */
export interface Address {
  /** Display name and URI as written, without the header parameters. */
  readonly text: string
  readonly uri: string
  readonly params: ReadonlyMap<string, string>
}

const NAME_ADDR = /^((?:"(?:[^"\\]|\\.)*"|[^"<,;]*?)\s*<\s*([^<>\s]+)\s*>)(.*)$/s
const ADDR_SPEC = /^([^\s;,<>"]+)(.*)$/s

/** Reads one From, To, Contact, Route or Record-Route value; null when it is malformed. */
export function parseAddress(value: string): Address | null {
  const trimmed = value.trim()
  const match = NAME_ADDR.exec(trimmed)
  if (match) {
    const params = parseParams(match[3] ?? '')
    return params && { text: match[1] ?? '', uri: match[2] ?? '', params }
  }
  const bare = ADDR_SPEC.exec(trimmed)
  if (!bare) return null
  const params = parseParams(bare[2] ?? '')
  return params && { text: `<${bare[1] ?? ''}>`, uri: bare[1] ?? '', params }
}

/** Reads `;name=value;flag`; values may be quoted. Null when something else stands in between. */
export function parseParams(text: string): Map<string, string> | null {
  const params = new Map<string, string>()
  let rest = text.trim()
  while (rest !== '') {
    const match = /^;\s*(?:([^\s;=,"<>]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"<>]*))?)?\s*/.exec(rest)
    if (!match || match[0] === '') return null
    const name = match[1]?.toLowerCase()
    if (name !== undefined && !params.has(name)) params.set(name, match[2] ?? '')
    rest = rest.slice(match[0].length)
  }
  return params
}
