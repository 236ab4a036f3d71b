import { bounds } from './bounds.js'
import { type Draft, emit } from './draft.js'
import type { PlayedSegment } from './event.js'
import { recordPause } from './overlap.js'
import { estimatePlayed, retireCut, segmentMs, silencedMs } from './queue.js'
import type { Response } from './state.js'

/**
 * Stops the speech that is heard and what is queued behind it, up to the first response that may not be
 * interrupted. What was heard of it is known once the sink answers the clear.
 */
export function interruptAgent(draft: Draft): void {
  const { state } = draft
  const firstKept = state.queue.findIndex(({ interruptible }) => !interruptible)
  const doomed = firstKept < 0 ? state.queue : state.queue.slice(0, firstKept)
  const kept = firstKept < 0 ? [] : state.queue.slice(firstKept)
  const { turn } = state
  if (turn !== null) for (const response of kept) response.sparedBy = `${turn.id}/${turn.revision}`
  recordPause(draft, 'barge_in')
  state.overlap = null
  cutResponses(draft, doomed)
}

/** Cuts these responses: generation, synthesis and playout, each once. */
export function cutResponses(draft: Draft, responses: Response[]): void {
  const { state, nowMs } = draft
  const doomed = responses.filter(({ cut }) => !cut)
  for (const response of doomed) {
    response.cut = true
    response.endMs = silencedMs(draft)
    stopMaking(draft, response)
  }
  const inSink = doomed.filter(({ segments }) => segments.length > 0).map(({ id }) => id)
  for (const response of doomed) if (!inSink.includes(response.id)) retireCut(draft, response, () => nothing)
  if (inSink.length === 0) return
  state.clearing = { responseIds: [...(state.clearing?.responseIds ?? []), ...inSink], atMs: nowMs + bounds.clearMs }
  emit(draft, { type: 'playout.clear', responseIds: inSink })
}

/** Ends what the LLM still does for a response. */
export function stopGenerating(draft: Draft, response: Response): void {
  if (response.llm === 'waiting' || response.llm === 'streaming') {
    emit(draft, { type: 'llm.cancel', responseId: response.id })
    response.llm = 'done'
  }
  response.llmAtMs = null
}

/** Ends what the LLM and the synthesiser still do for a response. */
export function stopMaking(draft: Draft, response: Response): void {
  stopGenerating(draft, response)
  if (response.segments.some(({ tts }) => tts !== 'finished'))
    emit(draft, { type: 'tts.cancel', responseId: response.id })
}

const nothing = { playedMs: 0, totalMs: 1 }

/** The sink has told what was sent: history is cut there. */
export function applyCleared(draft: Draft, played: PlayedSegment[]): void {
  const { state } = draft
  const { clearing } = state
  if (clearing === null) return
  state.clearing = null
  for (const response of state.queue.filter(({ id }) => clearing.responseIds.includes(id))) {
    retireCut(draft, response, (segment) => {
      const told = played.find(({ responseId, segmentId }) => responseId === response.id && segmentId === segment.id)
      if (told === undefined || !(told.playedMs > 0)) return nothing
      if (response.startMs === null) response.startMs = draft.nowMs - told.playedMs
      const totalMs = told.complete ? told.totalMs : Math.max(told.totalMs, segmentMs({ ...segment, durationMs: null }))
      return { playedMs: Math.floor(told.playedMs), totalMs }
    })
  }
}

/** The sink did not answer in time: go by the clock, and free the queue. */
export function clearingTimedOut(draft: Draft): void {
  const { state } = draft
  const { clearing } = state
  state.clearing = null
  for (const response of state.queue.filter(({ id }) => clearing?.responseIds.includes(id)))
    retireCut(draft, response, (segment) => estimatePlayed(segment, response.endMs))
}
