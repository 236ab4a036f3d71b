import { getList, type SipRequest } from '../message/message.js'
import type { Core } from './core.js'

/** True when the topmost Route names this server. */
export function routedHere(core: Core, request: SipRequest): boolean {
  const top = getList(request, 'route')[0]
  if (top === undefined) return false
  const match = /<\s*sips?:(?:[^@>]*@)?(\[[^\]]+\]|[^:;>]+)(?::(\d+))?/i.exec(top)
  return (
    match !== null &&
    core.isLocal((match[1] ?? '').replace(/^\[|\]$/g, ''), match[2] === undefined ? undefined : Number(match[2]))
  )
}
