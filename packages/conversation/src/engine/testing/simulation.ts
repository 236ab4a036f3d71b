import type { EngineEffect } from '../effect.js'
import { createEngine, step } from '../engine.js'
import type { EngineEvent, TimerName } from '../event.js'
import type { ConversationRecord } from '../record.js'
import type { EngineSettings } from '../settings.js'
import type { EngineState } from '../state.js'
import { testSettings } from './settings.js'
import { createSink } from './sink.js'

type Changes = Parameters<typeof testSettings>[0]

/** What the LLM does with one request. */
export type Reply = string | { text: string; failsAfterTokens: number; retryable?: boolean } | 'hangs'

export interface World {
  settings?: Changes
  /** VAD: speech before it says start, silence before it says stop. */
  vad?: { startMs?: number; stopMs?: number }
  /** Final text after the commit; partials this often, 0 for none; `dead` never answers. */
  asr?: { finalMs?: number; partialMs?: number; dead?: boolean; fails?: boolean }
  eot?: { probability?: number; replyMs?: number; dead?: boolean; fails?: boolean }
  llm?: { firstTokenMs?: number; tokenMs?: number; replies?: Reply[] }
  /** `trouble` says what becomes of a text: `fails`, `silent` (no audio ever), `starves` (half a second of it). */
  tts?: {
    firstAudioMs?: number
    durationMs?: number
    trouble?: (text: string) => 'fails' | 'silent' | 'starves' | undefined
  }
  /** Answers `playout.clear`; off for a sink that is stuck. */
  sinkAnswers?: boolean
}

interface Word {
  text: string
  atMs: number
}

/** A call in virtual time: a caller, the workers and the sink around one engine. */
export function simulate(world: World = {}) {
  const settings: EngineSettings = testSettings(world.settings)
  const vad = { startMs: 100, stopMs: 300, ...world.vad }
  const asr = { finalMs: 100, partialMs: 0, dead: false, fails: false, ...world.asr }
  const eot = { probability: 0.9, replyMs: 30, dead: false, fails: false, ...world.eot }
  const llm = { firstTokenMs: 300, tokenMs: 10, replies: ['This is the reply.'], ...world.llm }
  const tts = { firstAudioMs: 200, durationMs: 2000, trouble: () => undefined, ...world.tts }

  let state: EngineState = createEngine(settings)
  let nowMs = 0
  let order = 0
  let queue: { atMs: number; order: number; run: () => void }[] = []
  const log: { atMs: number; effect: EngineEffect }[] = []
  const words: Word[] = []
  const events: { event: EngineEvent; atMs: number }[] = []
  const callerSounds: [number, number][] = []
  const timers = new Map<TimerName, number>()
  const dead = new Set<string>()
  let clearedMs = -1
  let ttsFreeMs = 0
  let replies = 0

  const at = (atMs: number, run: () => void): void => {
    queue.push({ atMs, order: order++, run })
  }
  let busy = false
  const waiting: EngineEvent[] = []
  /** No step begins before the effects of the one before it are carried out. */
  const send = (event: EngineEvent): void => {
    waiting.push(event)
    if (busy) return
    busy = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) take(next)
    busy = false
  }
  const take = (event: EngineEvent): void => {
    events.push({ event, atMs: nowMs })
    const result = step(state, event, nowMs)
    state = result.state
    const answers: EngineEvent[] = []
    for (const effect of result.effects) {
      log.push({ atMs: nowMs, effect })
      carryOut(effect, answers)
    }
    waiting.unshift(...answers)
  }
  const later = (delayMs: number, event: EngineEvent): void => at(nowMs + delayMs, () => send(event))
  const sink = createSink(() => nowMs, at, send)
  const textSoFar = (): string =>
    words
      .filter(({ atMs }) => atMs > clearedMs && atMs <= nowMs)
      .map(({ text }) => text)
      .join(' ')

  const generate = (responseId: string, reply: Reply): void => {
    if (reply === 'hangs') return
    const text = typeof reply === 'string' ? reply : reply.text
    const tokens = text.match(/\s*\S+/gu) ?? []
    const limit = typeof reply === 'string' ? tokens.length : Math.min(tokens.length, reply.failsAfterTokens)
    const live = (event: EngineEvent) => (): void => {
      if (!dead.has(responseId)) send(event)
    }
    const atToken = (index: number): number => nowMs + llm.firstTokenMs + index * llm.tokenMs
    for (const [index, token] of tokens.slice(0, limit).entries())
      at(atToken(index), live({ type: 'llm.delta', responseId, text: token }))
    const usage = { promptTokens: 50, completionTokens: limit, cachedTokens: 40 }
    const retryable = typeof reply === 'object' && (reply.retryable ?? false)
    at(
      atToken(limit),
      typeof reply === 'string'
        ? live({ type: 'llm.finished', responseId, finishReason: 'stop', usage })
        : live({ type: 'llm.failed', responseId, message: 'worker gone', retryable }),
    )
  }
  const synthesise = (responseId: string, segmentId: string, text: string): void => {
    sink.queue(responseId, segmentId)
    const trouble = tts.trouble(text)
    const readyMs = Math.max(nowMs, ttsFreeMs) + tts.firstAudioMs
    ttsFreeMs = readyMs
    if (trouble === 'silent') return
    at(readyMs, () => {
      if (dead.has(`tts ${responseId}`)) return
      if (trouble === 'fails') {
        sink.drop(responseId)
        send({ type: 'tts.failed', responseId, segmentId, message: 'synthesiser gone' })
        return
      }
      const durationMs = trouble === 'starves' ? 500 : tts.durationMs
      send({ type: 'tts.started', responseId, segmentId })
      if (trouble !== 'starves') send({ type: 'tts.finished', responseId, segmentId, durationMs })
      sink.audio(segmentId, durationMs, trouble === 'starves')
    })
  }

  function carryOut(effect: EngineEffect, answers: EngineEvent[]): void {
    switch (effect.type) {
      case 'timer.set': {
        const { timer, token } = effect
        timers.set(timer, token)
        at(Math.max(nowMs, effect.atMs), () => {
          if (timers.get(timer) !== token) return
          timers.delete(timer)
          send({ type: 'timer', timer, token })
        })
        return
      }
      case 'timer.cancel':
        timers.delete(effect.timer)
        return
      case 'asr.commit': {
        const { turnId, revision } = effect
        if (asr.dead) return
        const text = textSoFar()
        if (asr.fails) later(asr.finalMs, { type: 'asr.failed', turnId, revision, message: 'recogniser gone' })
        else later(asr.finalMs, { type: 'asr.final', turnId, revision, text })
        return
      }
      case 'asr.clear':
        clearedMs = nowMs
        return
      case 'eot.predict': {
        const { turnId, revision } = effect
        if (eot.dead) return
        if (eot.fails) later(eot.replyMs, { type: 'eot.failed', turnId, revision, message: 'model gone' })
        else later(eot.replyMs, { type: 'eot.predicted', turnId, revision, probability: eot.probability })
        return
      }
      case 'llm.request':
        generate(effect.responseId, llm.replies[Math.min(replies++, llm.replies.length - 1)] ?? 'Fine.')
        return
      case 'llm.cancel':
        dead.add(effect.responseId)
        return
      case 'tts.request':
        synthesise(effect.responseId, effect.segmentId, effect.text)
        return
      case 'tts.cancel':
        dead.add(`tts ${effect.responseId}`)
        sink.drop(effect.responseId)
        return
      case 'playout.pause':
      case 'playout.resume':
        sink.pause(effect.type === 'playout.pause')
        return
      case 'playout.clear': {
        const segments = sink.clear(effect.responseIds)
        if (world.sinkAnswers !== false) answers.push({ type: 'playout.cleared', segments })
        return
      }
      default:
        return
    }
  }

  const simulation = {
    /** Sends any event at a moment. */
    at(atMs: number, event: EngineEvent) {
      at(atMs, () => send(event))
      return simulation
    },
    answer(atMs = 0, direction: 'inbound' | 'outbound' = 'inbound') {
      return simulation.at(atMs, { type: 'call.answered', direction })
    },
    /** The caller makes a sound; its words come evenly over it. VAD hears it, unless it is too quiet. */
    speaks(fromMs: number, toMs: number, text = '', quiet = false) {
      callerSounds.push([fromMs, toMs])
      const spoken = text.split(/\s+/u).filter((word) => word !== '')
      const spacingMs = (toMs - fromMs) / Math.max(1, spoken.length)
      // The recogniser gets audio once VAD has found speech, pre-roll included.
      const fedMs = quiet ? fromMs : fromMs + vad.startMs + 1
      for (const [index, text] of spoken.entries())
        words.push({ text, atMs: Math.max(fedMs, fromMs + (index + 1) * spacingMs) })
      if (!quiet && toMs - fromMs > vad.startMs) {
        simulation.at(fromMs + vad.startMs, { type: 'caller.speech_started', startMs: fromMs })
        simulation.at(toMs + vad.stopMs, { type: 'caller.speech_stopped', lastVoicedMs: toMs })
      }
      if (asr.partialMs > 0)
        for (let ms = fromMs + asr.partialMs; ms <= toMs + asr.partialMs; ms += asr.partialMs)
          at(ms, () => {
            if (textSoFar() !== '') send({ type: 'asr.partial', text: textSoFar() })
          })
      return simulation
    },
    /** Lets time pass. */
    run(untilMs: number) {
      for (;;) {
        queue.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
        const next = queue[0]
        if (next === undefined || next.atMs > untilMs) break
        queue = queue.slice(1)
        nowMs = Math.max(nowMs, next.atMs)
        next.run()
      }
      nowMs = untilMs
      return simulation
    },
    send,
    log,
    stretches: sink.stretches,
    callerSounds,
    /** Every event so far, to be played again. */
    events,
    state: () => state,
    settings,
    effects: <T extends EngineEffect['type']>(type: T) =>
      log.flatMap(({ atMs, effect }) =>
        effect.type === type ? [{ atMs, ...(effect as Extract<EngineEffect, { type: T }>) }] : [],
      ),
    records: <T extends ConversationRecord['type']>(type: T) =>
      log.flatMap(({ effect }) =>
        effect.type === 'record' && effect.record.type === type
          ? [effect.record as Extract<ConversationRecord, { type: T }>]
          : [],
      ),
    /** When turns were committed: the moments of the LLM requests. */
    commits: () => log.flatMap(({ atMs, effect }) => (effect.type === 'llm.request' ? [atMs] : [])),
    history: () => state.history.map(({ role, text }) => `${role}: ${text}`),
    /** Audible stretches, as [from, to], adjoining ones joined. */
    audible: () => {
      const joined: [number, number][] = []
      for (const { fromMs, toMs } of sink.stretches) {
        const last = joined.at(-1)
        if (last !== undefined && last[1] === fromMs) last[1] = toMs
        else joined.push([fromMs, toMs])
      }
      return joined
    },
  }
  return simulation
}
