import type { VoiceActivity } from '@hotline/conversation'
import type { Log } from '@hotline/observability'
import { type Pacer, type PortPool, RtpStream } from '@hotline/rtp'
import { answerOffer, type IncomingCall, SdpError } from '@hotline/sip'
import { Scope } from '../call/scope.js'
import { localMedia } from './local-media.js'

export interface EchoOptions {
  host: string
  log: Log
  ports: PortPool
  pacer: Pacer
  createVoiceActivity: () => VoiceActivity
}

/**
 * The media path without models, for measuring it: every call hears its own voice back, through the jitter buffer, the
 * codec and the VAD.
 */
export function createEchoInbound(options: EchoOptions): (incoming: IncomingCall) => void {
  return (incoming) => {
    answer(options, incoming).catch((error: unknown) => {
      if (!incoming.signal.aborted) incoming.reject(error instanceof SdpError ? error.sipStatus : 500)
    })
  }
}

async function answer(options: EchoOptions, incoming: IncomingCall): Promise<void> {
  const scope = new Scope((error) => options.log.error({ err: error }, 'release failed'))
  try {
    const ports = await options.ports.reserve()
    scope.add(() => ports.release())
    const { sdp, media } = answerOffer(incoming.offerSdp ?? '', localMedia(options.host, ports))
    const stream = new RtpStream({
      ports,
      pacer: options.pacer,
      payloadType: media.payloadType,
      codec: media.codec,
      dtmfPayloadType: media.dtmfPayloadType,
      remote: media.remote,
      direction: media.direction,
      firstMediaTimeoutMs: 30_000,
      mediaTimeoutMs: 15_000,
      log: options.log,
    })
    scope.add(() => stream.close())
    const ears = options.createVoiceActivity()
    scope.add(() => ears.close())
    let newest: Int16Array | null = null
    stream.on('frame', (frame) => {
      newest = frame.pcm
      ears.push(frame)
    })
    stream.source = () => newest
    stream.start()
    const sip = await incoming.answer(sdp)
    stream.on('timeout', () => void sip.hangup().finally(() => scope.close()))
    sip.on('bye', () => void scope.close())
  } catch (error) {
    await scope.close()
    throw error
  }
}
