/** Stands for the loopback address, so that no mutation makes another host of it. */
const HOST = '\uE000'
const TOKENS = [
  '',
  ' ',
  ';',
  ',',
  '<',
  '>',
  '"',
  ':',
  '%',
  '\r\n',
  '\0',
  '4294967296',
  '-1',
  '99999999999999999999',
  '\u{1F4DE}',
  'sip:',
  '=',
]

/**
 * A text with one to six random changes: bytes replaced, pieces cut out, doubled or swapped, odd tokens put in. The
 * address 127.0.0.1 is kept whole wherever it stays.
 */
export function mutateText(text: string, random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit)
  let result = text.replaceAll('127.0.0.1', HOST)
  for (let changes = 1 + below(6); changes > 0; changes--) {
    const at = below(result.length)
    const end = Math.min(result.length, at + below(24))
    const piece = result.slice(at, end)
    const [before, after] = [result.slice(0, at), result.slice(end)]
    const kinds = [
      () => before + after,
      () => before + piece + piece + after,
      () => before + (TOKENS[below(TOKENS.length)] ?? '') + result.slice(at),
      () => before + String.fromCharCode(32 + below(224)) + result.slice(at + 1),
      () => after.slice(0, 40) + before + piece + after.slice(40),
      () => result.slice(0, Math.max(1, at)),
    ]
    const changed = (kinds[below(kinds.length)] ?? kinds[0])?.() ?? result
    // A letter or digit beside the address would make another one of it.
    if (!/[\w.\uE000-]\uE000|\uE000[\w.-]/u.test(changed) && changed !== '') result = changed
  }
  return result.replaceAll(HOST, '127.0.0.1')
}

/** Bytes with one to four random changes: bits flipped, bytes set, cut short, made longer. */
export function mutateBytes(bytes: Buffer, random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit)
  let result = Buffer.from(bytes)
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(Math.max(1, result.length))
    const kind = below(4)
    if (kind === 0 && result.length > 0) result[at] = (result[at] ?? 0) ^ (1 << below(8))
    else if (kind === 1 && result.length > 0) result[at] = below(256)
    else if (kind === 2) result = result.subarray(0, at)
    else result = Buffer.concat([result, Buffer.alloc(below(64), below(256))])
  }
  return result
}
