import type { SipRequest } from '../message/message.js'
import type { Core } from './core.js'
import type { Arrival } from './reply.js'

export function forwardRouted(_core: Core, _arrival: Arrival<SipRequest>): boolean {
  return false
}
