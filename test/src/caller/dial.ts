import type { SipMessage } from '../sip/message.js'
import { readAnswer, sdpOffer } from '../sip/sdp.js'
import type { TransportName } from '../sip/transport.js'
import { newBranch, openUserAgent } from '../sip/user-agent.js'
import type { Codec } from '../wire/g711.js'
import { type CallEnd, type Caller, createCaller } from './caller.js'
import { createDialog } from './dialog.js'
import { openMedia } from './media.js'

export interface DialOptions {
  sipPort: number
  /** The agent: user part of the request URI. Default `demo`. */
  user?: string
  transport?: TransportName
  codec?: Codec
  lossPercent?: number
  jitterMs?: number
  seed?: number
}

/** The INVITE's final response where it is no 2xx. */
export class CallRefusedError extends Error {
  constructor(
    readonly status: number,
    readonly response: SipMessage,
  ) {
    super(`the call was refused: ${status} ${response.reason ?? ''}`)
  }
}

/** A call that rings. */
export interface PendingCall {
  readonly callId: string
  /** Rejects with CallRefusedError, also after `cancel`. */
  readonly answered: Promise<Caller>
  /** Resolves at the first provisional response. */
  readonly trying: Promise<void>
  /** Sends CANCEL; resolves with its final status. */
  cancel(): Promise<number>
}

/** Sends an INVITE with an offer of one codec and telephone events. */
export async function invite(options: DialOptions): Promise<PendingCall> {
  const { sipPort, user = 'demo', transport = 'udp', codec = 'PCMU', lossPercent = 0, jitterMs = 0, seed = 1 } = options
  const media = await openMedia({ codec, lossPercent, jitterMs, seed })
  let byeSeen: (end: CallEnd) => void = () => {}
  const bye = new Promise<CallEnd>((resolve) => {
    byeSeen = resolve
  })
  const agent = await openUserAgent({
    serverPort: sipPort,
    transport,
    onRequest: (request) => {
      if (request.method === 'BYE') byeSeen({ by: 'agent', atMs: performance.now() })
      const body = request.method === 'INVITE' ? sdpOffer(codec, media.rtpPort, 'sendrecv', 9) : ''
      const contactHeader: [string, string] = ['contact', `<${contact}>`]
      return {
        status: 200,
        reason: 'OK',
        body,
        headers: body ? [contactHeader, ['content-type', 'application/sdp']] : [],
      }
    },
    onInviteSuccess: (response) => {
      dialog.confirm(response)
      agent.send(dialog.ack(response), dialog.nextHop())
    },
  }).catch((error: unknown) => {
    media.close()
    throw error
  })
  const contact = `sip:judge@127.0.0.1:${agent.localPort}${transport === 'tcp' ? ';transport=tcp' : ''}`
  const dialog = createDialog(`sip:${user}@127.0.0.1:${sipPort}`, `sip:judge@127.0.0.1:${agent.localPort}`, contact)
  const request = dialog.request('INVITE', { body: sdpOffer(codec, media.rtpPort, 'sendrecv', 1) })
  const branch = newBranch()
  let tryingSeen = () => {}
  const trying = new Promise<void>((resolve) => {
    tryingSeen = resolve
  })
  const answered = agent
    .request(request, { branch, onProvisional: () => tryingSeen() })
    .then((response) => {
      tryingSeen()
      if (response.status !== 200) throw new CallRefusedError(response.status ?? 0, response)
      const answer = readAnswer(response.body)
      media.start(answer.port)
      return createCaller({ codec, dialog, agent, media, answer, bye })
    })
    .catch((error: unknown) => {
      media.close()
      agent.close()
      throw error
    })
  answered.catch(() => {})
  return {
    callId: dialog.callId,
    answered,
    trying,
    async cancel() {
      const kept = request.headers.filter(([name]) => ['from', 'to', 'call-id', 'max-forwards'].includes(name))
      const cseq: [string, string] = ['cseq', `${dialog.lastCseq()} CANCEL`]
      const response = await agent.request(
        { method: 'CANCEL', uri: request.uri ?? '', headers: [...kept, cseq], body: '' },
        { branch },
      )
      return response.status ?? 0
    },
  }
}

/** Calls an agent; resolves when it answers, rejects with CallRefusedError where it does not. */
export async function dial(options: DialOptions): Promise<Caller> {
  return (await invite(options)).answered
}
