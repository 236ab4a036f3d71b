/** Shortest session interval that the server accepts, in seconds: RFC 4028 §4. */
export const MIN_SESSION_SECONDS = 90

/** A Session-Expires header field, RFC 4028 §4. */
export interface SessionExpires {
  readonly seconds: number
  readonly refresher: 'uac' | 'uas' | undefined
}

/** Reads Session-Expires; null when it is missing or malformed. */
export function parseSessionExpires(value: string | undefined): SessionExpires | null {
  const match = /^(\d{1,9})\s*((?:;.*)?)$/.exec(value?.trim() ?? '')
  if (!match) return null
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\b/i.exec(match[2] ?? '')?.[1]?.toLowerCase()
  return { seconds: Number(match[1]), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined }
}
