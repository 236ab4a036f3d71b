import { randomUUID } from 'node:crypto'
import type { Log } from '@hotline/observability'
import { type Pacer, type PortPair, type PortPool, RtpStream } from '@hotline/rtp'
import {
  acceptAnswer,
  answerOffer,
  CallFailed,
  createOffer,
  type IncomingCall,
  type LocalMedia,
  type NegotiatedMedia,
  SdpError,
  type SipCall,
} from '@hotline/sip'
import { Call, recordingKey } from '../call/call.js'
import type { CallServices } from '../call/call-services.js'
import { Scope } from '../call/scope.js'
import type { AgentDirectory } from './agent-directory.js'
import type { CallRegistry } from './call-registry.js'
import { localMedia } from './local-media.js'

const FIRST_MEDIA_TIMEOUT_MS = 30_000
const MEDIA_TIMEOUT_MS = 15_000
const RETRY_AFTER_S = '5'

export interface InboundOptions {
  host: string
  log: Log
  ports: PortPool
  pacer: Pacer
  agents: AgentDirectory
  registry: CallRegistry
  services: CallServices
  /** A call has its place; it is not answered yet. */
  onCallUp: (call: Call) => void
  /** False while a worker is still starting. */
  ready: () => boolean
}

/** Why an INVITE is turned down, as SIP says it (RFC 3261 §21). */
class Refusal extends Error {
  constructor(
    readonly status: number,
    reason: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(reason)
  }
}

/** Takes INVITEs to calls: agent, admission, ports, offer/answer, and the right refusal where one of them is missing. */
export function createInbound(options: InboundOptions): (incoming: IncomingCall) => void {
  const { log } = options
  return (incoming) => {
    accept(options, incoming).catch((error: unknown) => {
      // The caller cancelled, or was gone before the ACK.
      if (incoming.signal.aborted || error instanceof CallFailed) return
      const refusal = asRefusal(error)
      log.info({ sipCallId: incoming.callId, status: refusal.status, reason: refusal.message }, 'call refused')
      if (refusal.status === 500) log.error({ err: error }, 'call set-up failed')
      incoming.reject(refusal.status, refusal.message, refusal.headers)
    })
  }
}

async function accept(options: InboundOptions, incoming: IncomingCall): Promise<void> {
  const { agents, registry, services, ports: pool } = options
  const place = registry.admit()
  if (!place) throw new Refusal(503, 'Service Unavailable', { 'Retry-After': RETRY_AFTER_S })
  const scope = new Scope((error) => options.log.error({ err: error }, 'release failed'))
  scope.add(() => place.release())
  try {
    if (!options.ready()) throw new Refusal(503, 'Starting', { 'Retry-After': RETRY_AFTER_S })
    const lookup = await agents.find(incoming.user)
    if (!lookup.found) {
      if (lookup.reason === 'unknown') throw new Refusal(404, 'Not Found')
      throw new Refusal(503, 'Service Unavailable', { 'Retry-After': RETRY_AFTER_S })
    }
    const ports = await pool.reserve()
    scope.add(() => ports.release())
    const local = localMedia(options.host, ports)
    const offered = incoming.offerSdp === null ? null : answerOffer(incoming.offerSdp, local)
    if (incoming.signal.aborted) throw new Refusal(487, 'Request Terminated')
    // A late offer (RFC 3261 §13.3.1.4) is answered in the ACK; until then the media are what we offer.
    const media = offered?.media ?? provisionalMedia()
    const stream = openStream(options, ports, media)
    scope.add(() => stream.close())
    const id = `call_${randomUUID().replaceAll('-', '')}`
    const recording = lookup.agent.recording ? await services.openRecording(recordingKey(id)) : null
    const call = new Call(
      services,
      {
        id,
        agent: lookup.agent,
        from: incoming.from,
        to: incoming.to,
        sipCallId: incoming.callId,
        direction: 'inbound',
      },
      media,
      stream,
      recording,
      scope,
    )
    registry.add(call)
    options.onCallUp(call)
    place.release()
    call.listen()
    await connect(options, incoming, call, stream, local, offered?.sdp ?? createOffer(local), offered === null)
  } catch (error) {
    await scope.close()
    throw error
  }
}

async function connect(
  options: InboundOptions,
  incoming: IncomingCall,
  call: Call,
  stream: RtpStream,
  local: LocalMedia,
  sdp: string,
  late: boolean,
): Promise<void> {
  let sip: SipCall
  try {
    sip = await incoming.answer(sdp)
  } catch (error) {
    await call.end('caller_hangup')
    throw error
  }
  try {
    if (late) stream.update(acceptAnswer(sip.remoteSdp, local))
  } catch (error) {
    options.log.info({ callId: call.id, err: error }, 'the answer to our offer is not usable')
    call.answered(sip)
    call.hangUp('error', 0)
    return
  }
  followRenegotiation(call, sip, stream, local)
  call.answered(sip)
}

/** Later offers of either side (RFC 3264 §8): hold, resume, a moved address. */
function followRenegotiation(call: Call, sip: SipCall, stream: RtpStream, local: LocalMedia): void {
  let version = local.version
  const apply = (media: NegotiatedMedia) => {
    stream.update(media)
    call.held(media.held)
  }
  sip.on('reinvite', (offer, respond) => {
    try {
      version += 1
      if (offer === null) {
        respond.accept(createOffer({ ...local, version }))
        return
      }
      const { sdp, media } = answerOffer(offer, { ...local, version })
      respond.accept(sdp)
      apply(media)
    } catch (error) {
      // RFC 3261 §14.2: a refused offer leaves the session as it was.
      respond.reject(error instanceof SdpError ? error.sipStatus : 488)
    }
  })
  sip.on('answer', (answer) => {
    try {
      apply(acceptAnswer(answer, local))
    } catch {
      // As above: the session goes on as it was.
    }
  })
}

function openStream(options: InboundOptions, ports: PortPair, media: NegotiatedMedia): RtpStream {
  return new RtpStream({
    ports,
    pacer: options.pacer,
    payloadType: media.payloadType,
    codec: media.codec,
    dtmfPayloadType: media.dtmfPayloadType,
    remote: media.remote,
    direction: media.direction,
    firstMediaTimeoutMs: FIRST_MEDIA_TIMEOUT_MS,
    mediaTimeoutMs: MEDIA_TIMEOUT_MS,
    log: options.log,
  })
}

function provisionalMedia(): NegotiatedMedia {
  return {
    codec: 'PCMU',
    payloadType: 0,
    dtmfPayloadType: 101,
    remote: null,
    direction: 'sendrecv',
    held: false,
    ptimeMs: 20,
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof SdpError) return new Refusal(error.sipStatus, error.message)
  if (error instanceof Error && error.name === 'PortsExhaustedError') {
    return new Refusal(503, 'No Media Ports', { 'Retry-After': RETRY_AFTER_S })
  }
  return new Refusal(500, 'Server Internal Error')
}
