import type { Redis } from 'ioredis'

type Reply = readonly (string | number | null | Reply)[]

/** A flat name–value reply as an object. */
function fields(reply: Reply): Record<string, string | number | null | Reply> {
  const out: Record<string, string | number | null | Reply> = {}
  for (let at = 0; at + 1 < reply.length; at += 2) out[String(reply[at])] = reply[at + 1] ?? null
  return out
}

/** Orders stream ids `ms-seq`. */
export function compareIds(a: string, b: string): number {
  const [aMs = '0', aSeq = '0'] = a.split('-')
  const [bMs = '0', bSeq = '0'] = b.split('-')
  return Number(aMs) - Number(bMs) || Number(aSeq) - Number(bSeq)
}

/**
 * Removes the entries that every consumer group has acknowledged, and no other: up to the oldest that is pending in
 * some group, or the last delivered where none is. Returns how many went.
 */
export async function trimAcknowledged(redis: Redis, stream: string): Promise<number> {
  const groups = (await redis.xinfo('GROUPS', stream)) as Reply[]
  let keepFrom: string | null = null
  for (const reply of groups) {
    const group = fields(reply)
    const pending = (await redis.xpending(stream, String(group.name))) as Reply
    const oldest = Number(pending[0]) > 0 ? String(pending[1]) : String(group['last-delivered-id'])
    if (keepFrom === null || compareIds(oldest, keepFrom) < 0) keepFrom = oldest
  }
  if (keepFrom === null || keepFrom === '0-0') return 0
  return redis.xtrim(stream, 'MINID', keepFrom)
}
