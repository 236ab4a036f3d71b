import type { EndCause, EngineEffect, EngineEvent } from '@hotline/conversation'
import { type ReceivedFrame, type RtpStream, TICK_MS } from '@hotline/rtp'
import type { NegotiatedMedia, SipCall } from '@hotline/sip'
import type { Agent, CallEventBody, Usage } from '@hotline/storage'
import { Listener } from '../hearing/listener.js'
import { Recorder, type RecordingSink } from '../recording/recorder.js'
import { fixedPhrases } from '../speaking/fixed-phrases.js'
import { Playout } from '../speaking/playout.js'
import { Speaker } from '../speaking/speaker.js'
import type { CallServices } from './call-services.js'
import { Conversation } from './conversation.js'
import { engineSettings } from './engine-settings.js'
import { Journal } from './journal.js'
import type { Scope } from './scope.js'
import { Thinker } from './thinker.js'

/** After the last word: what the caller's jitter buffer may still hold. */
const HANGUP_GRACE_MS = 200

export interface CallDescription {
  id: string
  agent: Agent
  from: string
  to: string
  sipCallId: string
  direction: 'inbound' | 'outbound'
}

/** One phone call: joins the RTP stream, the engine and the workers, and owns all of them to the end. */
export class Call {
  readonly description: CallDescription
  readonly startedAt = Date.now()
  #services: CallServices
  #stream: RtpStream
  #scope: Scope
  #journal: Journal
  #conversation: Conversation
  #playout: Playout
  #listener: Listener
  #thinker: Thinker
  #speaker: Speaker
  #recorder: Recorder | null
  #sip: SipCall | null = null
  #usage: Usage = { prompt_tokens: 0, completion_tokens: 0, cached_tokens: 0 }
  #hangup: { cause: EndCause; atMs: number } | null = null
  #ending: Promise<void> | null = null
  /** When the frame that is being filled leaves, media clock. */
  #frameSentMs = 0

  constructor(
    services: CallServices,
    description: CallDescription,
    media: NegotiatedMedia,
    stream: RtpStream,
    recording: RecordingSink | null,
    scope: Scope,
  ) {
    const { agent } = description
    this.description = description
    this.#services = services
    this.#stream = stream
    this.#scope = scope
    this.#journal = new Journal(description.id, (event) => services.events.write(event))
    this.#playout = new Playout((notice) => {
      const { responseId, segmentId } = notice
      const atMs = this.#frameSentMs + notice.offsetMs
      this.#emit({
        type: notice.type === 'started' ? 'playout.started' : 'playout.finished',
        responseId,
        segmentId,
        atMs,
      })
    })
    const emit = (event: EngineEvent) => this.#emit(event)
    this.#conversation = new Conversation(
      engineSettings(agent),
      () => stream.nowMs(),
      (effect) => this.#perform(effect),
    )
    this.#listener = new Listener({
      codec: media.codec,
      voiceActivity: services.createVoiceActivity(agent),
      transcription: services.transcription.open({
        format: media.codec === 'PCMU' ? 'pcmu' : 'pcma',
        sampleRateHz: 8000,
        language: agent.language,
        signal: scope.signal,
      }),
      smartTurn: services.smartTurn,
      emit,
    })
    this.#thinker = new Thinker({
      client: services.chat,
      model: agent.model,
      generation: agent.generation,
      firstTokenTimeoutMs: agent.failures.llm_first_token_ms,
      emit,
    })
    this.#speaker = new Speaker({
      client: services.speech,
      cache: services.phrases,
      playout: this.#playout,
      voice: agent.voice,
      speed: agent.speed,
      firstAudioTimeoutMs: agent.failures.tts_stall_ms,
      fixedPhrases: new Set(fixedPhrases(agent)),
      emit,
    })
    scope.add(() => this.#listener.close())
    scope.add(() => this.#thinker.close())
    scope.add(() => this.#speaker.close())
    this.#recorder = recording && new Recorder(recording)
    this.#journal.write({
      type: 'call.started',
      direction: description.direction,
      transport: 'sip',
      agent_id: agent.id,
      agent_name: agent.name,
      agent_version: agent.version,
      model: agent.model,
      from: description.from,
      to: description.to,
      transport_call_id: description.sipCallId,
      codec: media.codec,
    })
    stream.on('dtmf', (digit) => this.#emit({ type: 'dtmf', digit }))
    stream.on('timeout', () => this.hangUp('media_timeout', 0))
    stream.on('frame', (frame) => this.#onFrame(frame))
    stream.source = (tick, sendMs) => this.#nextFrame(tick, sendMs)
    void this.#thinker.warm(agent.instructions, scope.signal)
  }

  get id(): string {
    return this.description.id
  }

  /** From the first RTP on: the caller's first words are kept even before the ACK. */
  listen(): void {
    this.#stream.start()
  }

  /** The far end has acknowledged: greet. */
  answered(sip: SipCall): void {
    this.#sip = sip
    sip.on('bye', (cause) => void this.end(cause === 'remote' ? 'caller_hangup' : 'error'))
    sip.on('dtmf', (digit) => this.#emit({ type: 'dtmf', digit }))
    this.#journal.write({ type: 'call.answered' })
    this.#emit({ type: 'call.answered', direction: this.description.direction })
  }

  held(held: boolean): void {
    this.#journal.write({ type: 'call.held', held, at_ms: this.#stream.nowMs() })
    this.#emit({ type: 'call.held', held })
  }

  say(text: string): void {
    this.#emit({ type: 'say', text, interruptible: true })
  }

  /** The agent ends the call after what it is saying. */
  requestHangup(cause: EndCause): void {
    this.#emit({ type: 'hangup.requested', cause })
  }

  /** End the call from this side, `graceMs` from now. */
  hangUp(cause: EndCause, graceMs = HANGUP_GRACE_MS): void {
    this.#hangup ??= { cause, atMs: this.#stream.nowMs() + graceMs }
    if (graceMs === 0) void this.#finishHangup(cause)
  }

  /** The call is over. Everything it owned is released; resolves when its record is complete. */
  end(cause: EndCause): Promise<void> {
    this.#ending ??= this.#end(cause)
    return this.#ending
  }

  async #end(cause: EndCause): Promise<void> {
    const durationMs = this.#stream.nowMs()
    this.#conversation.dispatch({ type: 'call.gone', cause })
    const media = { ...this.#stream.stats() }
    this.#services.onCallOver(this.id)
    await this.#scope.close()
    await this.#finishRecording()
    this.#journal.write({
      type: 'call.ended',
      cause,
      duration_ms: Math.round(durationMs),
      usage: this.#usage,
      media: Object.fromEntries(
        Object.entries(media).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
      ),
    })
  }

  async #finishHangup(cause: EndCause): Promise<void> {
    const sip = this.#sip
    void this.end(cause)
    try {
      await sip?.hangup()
    } catch (error) {
      this.#services.log.warn({ callId: this.id, err: error }, 'BYE failed')
    }
  }

  #onFrame(frame: ReceivedFrame): void {
    this.#listener.frame(frame)
    this.#recorder?.caller(frame.arrivalMs, frame.pcm)
    const nowMs = this.#stream.nowMs()
    this.#conversation.tick(nowMs)
    if (this.#hangup && !this.#ending && nowMs >= this.#hangup.atMs) void this.#finishHangup(this.#hangup.cause)
  }

  #nextFrame(tick: number, sendMs: number): Int16Array | null {
    this.#frameSentMs = sendMs
    const pcm = this.#playout.frame()
    // By tick, not by `sendMs`: after a stall several frames leave at once, and the caller's phone plays them in a row.
    this.#recorder?.agent(tick * TICK_MS, pcm ?? SILENCE)
    return pcm
  }

  #emit(event: EngineEvent): void {
    if (this.#ending) return
    if (event.type === 'llm.finished') {
      this.#usage.prompt_tokens += event.usage.promptTokens
      this.#usage.completion_tokens += event.usage.completionTokens
      this.#usage.cached_tokens += event.usage.cachedTokens
    }
    this.#conversation.dispatch(event)
  }

  #perform(effect: Exclude<EngineEffect, { type: 'timer.set' | 'timer.cancel' }>): void {
    if (effect.type === 'record') {
      this.#journal.record(effect.record)
      return
    }
    if (this.#ending) return
    switch (effect.type) {
      case 'asr.commit':
        this.#listener.commit(effect.turnId, effect.revision)
        break
      case 'asr.reopen':
        this.#listener.reopen()
        break
      case 'asr.clear':
        this.#listener.clear()
        break
      case 'eot.predict':
        this.#listener.predict(effect.turnId, effect.revision)
        break
      case 'llm.request':
        this.#thinker.request(effect.responseId, effect.messages, effect.maxTokens)
        break
      case 'llm.cancel':
        this.#thinker.cancel(effect.responseId)
        break
      case 'tts.request':
        this.#speaker.request(effect)
        break
      case 'tts.cancel':
        this.#speaker.cancel(effect.responseId)
        break
      case 'playout.duck':
        this.#playout.duck()
        break
      case 'playout.pause':
        this.#playout.pause()
        break
      case 'playout.resume':
        this.#playout.resume()
        break
      case 'playout.clear':
        this.#emit({ type: 'playout.cleared', segments: this.#playout.clear(effect.responseIds) })
        break
      case 'call.hangup':
        this.hangUp(effect.cause)
        break
    }
  }

  async #finishRecording(): Promise<void> {
    if (!this.#recorder) return
    try {
      const durationMs = await this.#recorder.finish()
      const event: CallEventBody = { type: 'recording.ready', artifact: recordingKey(this.id), duration_ms: durationMs }
      this.#journal.write(event)
    } catch (error) {
      this.#services.log.error({ callId: this.id, err: error }, 'recording lost')
    }
  }
}

const SILENCE = new Int16Array(160)

export function recordingKey(callId: string): string {
  return `recordings/${callId}.wav`
}
