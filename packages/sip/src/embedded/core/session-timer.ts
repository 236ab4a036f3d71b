import type { Dialog } from '../dialog/dialog.js'
import { type Header, header } from '../message/header.js'
import { get, hasToken, type SipRequest, type SipResponse } from '../message/message.js'
import { giveUpMs } from '../transaction/timing.js'
import type { Core } from './core.js'
import { sendInDialog } from './send-in-dialog.js'
import { MIN_SESSION_SECONDS, parseSessionExpires } from './session-expires.js'

/** RFC 4028: what a request of the peer says about refreshing is settled by our answer to it; the clock starts anew. */
export function noteSessionRequest(dialog: Dialog, request: SipRequest): void {
  if (parseSessionExpires(get(request, 'session-expires')) === null) {
    // §9: a refresh without Session-Expires ends the session timer.
    dialog.sessionSeconds = undefined
  }
}

/**
 * Session-Expires of a 2xx that the server sends (RFC 4028 §9): the application's own, or the peer's offer. Adds the
 * header fields to `headers` and starts the timer.
 */
export function answerSession(core: Core, dialog: Dialog, request: SipRequest, headers: Header[]): void {
  const own = parseSessionExpires(headers.find((field) => field.key === 'session-expires')?.value)
  const offered = parseSessionExpires(get(request, 'session-expires'))
  const chosen = own ?? offered
  if (!chosen) {
    restart(core, dialog, undefined, undefined)
    return
  }
  const seconds = Math.max(MIN_SESSION_SECONDS, chosen.seconds)
  const peerKnowsTimers = hasToken(request, 'supported', 'timer')
  // A peer that does not know session timers cannot refresh.
  const refresher = peerKnowsTimers ? (chosen.refresher ?? 'uac') : 'uas'
  if (!own) headers.push(header('session-expires', `${seconds};refresher=${refresher}`))
  if (peerKnowsTimers && !headers.some((field) => field.key === 'require' && /\btimer\b/i.test(field.value))) {
    headers.push(header('require', 'timer'))
  }
  restart(core, dialog, seconds, refresher === 'uas' ? 'local' : 'remote')
}

/** Takes Session-Expires from a 2xx to an INVITE or UPDATE of ours (RFC 4028 §7.2). */
export function learnSession(core: Core, dialog: Dialog, response: SipResponse): void {
  const agreed = parseSessionExpires(get(response, 'session-expires'))
  if (!agreed) restart(core, dialog, undefined, undefined)
  else {
    const seconds = Math.max(MIN_SESSION_SECONDS, agreed.seconds)
    restart(core, dialog, seconds, agreed.refresher === 'uas' ? 'remote' : 'local')
  }
}

function restart(
  core: Core,
  dialog: Dialog,
  seconds: number | undefined,
  refresher: 'local' | 'remote' | undefined,
): void {
  dialog.stopSession?.()
  dialog.stopSession = undefined
  dialog.sessionSeconds = seconds
  dialog.sessionRefresher = refresher
  if (seconds === undefined) return
  if (refresher === 'local') {
    // §10: refresh at half the interval.
    dialog.stopSession = core.clock.after(seconds * 500, () => refresh(core, dialog, seconds))
  } else {
    // §10: hang up a little before the interval ends, by a third of it or 32 s.
    const marginMs = Math.min(32_000, (seconds * 1000) / 3)
    dialog.stopSession = core.clock.after(seconds * 1000 - marginMs, () => core.hangUp(dialog, 'Session timer expired'))
  }
}

/** Refreshes with UPDATE where the peer takes it, else with a re-INVITE that repeats the last session description. */
function refresh(core: Core, dialog: Dialog, seconds: number): void {
  const method = dialog.peerUpdates ? 'UPDATE' : 'INVITE'
  const headers = [
    header('contact', dialog.localContact),
    header('supported', 'timer'),
    header('session-expires', `${seconds};refresher=uac`),
  ]
  const withSdp = method === 'INVITE' && dialog.localSdp !== ''
  if (withSdp) headers.push(header('content-type', 'application/sdp'))
  const retry = (delayMs: number) => {
    if (dialog.phase !== 'confirmed') return
    dialog.stopSession?.()
    dialog.stopSession = core.clock.after(delayMs, () => refresh(core, dialog, seconds))
  }
  // Were no answer to come at all, this would hang up.
  dialog.stopSession = core.clock.after(giveUpMs(core.timing) + 5000, () =>
    core.hangUp(dialog, 'Session timer expired'),
  )
  sendInDialog(
    core,
    dialog,
    { method, headers, body: withSdp ? dialog.localSdp : '', ownAck: true },
    {
      onResponse({ message }) {
        if (message.status < 200 || dialog.phase !== 'confirmed') return
        if (message.status < 300) restart(core, dialog, seconds, 'local')
        else if (message.status === 491) retry(2000)
        else if (message.status === 408 || message.status === 481) core.hangUp(dialog, 'Session timer expired')
        else restart(core, dialog, seconds, 'local')
      },
      onFailure: () => core.hangUp(dialog, 'Session timer expired'),
    },
  )
}
