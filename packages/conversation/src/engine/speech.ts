import { settleAnswer } from './answer.js'
import { cutResponses, stopMaking } from './cut.js'
import { type Draft, ignoreSpeech, pastMs, recordFailure } from './draft.js'
import { excuse } from './failure.js'
import { findResponse } from './queue.js'
import type { Response, Segment } from './state.js'

interface Spoken {
  response: Response
  segment: Segment
  index: number
}

function find(draft: Draft, responseId: string, segmentId: string): Spoken | null {
  const response = findResponse(draft, responseId)
  const index = response?.segments.findIndex(({ id }) => id === segmentId) ?? -1
  const segment = response?.segments[index]
  return response === undefined || segment === undefined ? null : { response, segment, index }
}

/** First audio of a segment has come from the synthesiser. */
export function synthesisStarted(draft: Draft, responseId: string, segmentId: string): void {
  const spoken = find(draft, responseId, segmentId)
  if (spoken === null) return
  if (spoken.segment.tts === 'asked') spoken.segment.tts = 'started'
  const { answer } = draft.state
  if (answer?.responseId === responseId) answer.marks.ttsFirstAudioMs ??= draft.nowMs
}

/** All audio of a segment has come. */
export function synthesisFinished(draft: Draft, responseId: string, segmentId: string, durationMs: number): void {
  const spoken = find(draft, responseId, segmentId)
  if (spoken === null) return
  synthesisStarted(draft, responseId, segmentId)
  spoken.segment.tts = 'finished'
  if (Number.isFinite(durationMs) && durationMs >= 0) spoken.segment.durationMs = durationMs
}

/** A segment could not be synthesised: what lies before it is said, the rest is lost, an excuse follows. */
export function synthesisFailed(draft: Draft, responseId: string, segmentId: string, message: string): void {
  const spoken = find(draft, responseId, segmentId)
  if (spoken === null || spoken.response.cut || spoken.segment.tts === 'finished') return
  recordFailure(draft, 'tts', message)
  loseFrom(draft, spoken)
}

function loseFrom(draft: Draft, { response, segment, index }: Spoken): void {
  const { kind, turnId } = response
  stopMaking(draft, response)
  response.failed = true
  if (segment.playout === 'playing') {
    // Cut where it broke off; the sink tells what was heard.
    cutResponses(draft, [response])
  } else {
    const lost = response.segments.splice(index)
    response.stray = lost.some(({ tts }) => tts !== 'asked')
    response.lostText.push(...lost.map(({ text }) => text), ...response.clauses.splice(0))
    response.complete = true
  }
  if (kind === 'reply' || kind === 'said') excuse(draft, 'tts', turnId)
}

/** The head of the queue should be heard and is not, or does not end. */
export function playoutStalled(draft: Draft): void {
  const { state } = draft
  const response = state.queue.find(({ cut }) => !cut)
  const index = response?.segments.findIndex(({ playout }) => playout !== 'played') ?? -1
  const segment = response?.segments[index]
  if (response === undefined || segment === undefined) return
  const component = segment.tts === 'finished' ? 'playout' : 'tts'
  recordFailure(draft, component, segment.playout === 'playing' ? 'a segment does not end' : 'no audio in time')
  if (segment.playout === 'queued' && segment.tts !== 'asked') response.stray = true
  loseFrom(draft, { response, segment, index })
}

/** A segment's first audible sample was sent. With a reply's first one, the turn's words are settled. */
export function playoutStarted(draft: Draft, responseId: string, segmentId: string, atMs: number): void {
  const spoken = find(draft, responseId, segmentId)
  if (spoken === null || spoken.segment.playout !== 'queued') return
  const { response, segment } = spoken
  const { state, nowMs } = draft
  const startMs = Number.isFinite(atMs) ? atMs : nowMs
  segment.playout = 'playing'
  segment.startMs = startMs
  for (const earlier of response.segments.slice(0, spoken.index)) earlier.playout = 'played'
  response.endMs = startMs
  if (response.startMs !== null) return
  response.startMs = startMs
  const { answer, turn } = state
  if (answer?.responseId !== responseId) return
  if (answer.text !== '' && answer.anchored && (response.kind === 'reply' || response.kind === 'excuse'))
    response.books = { marks: answer.marks, turnId: answer.turnId, firstAudibleMs: startMs }
  if (turn?.reopens != null) {
    // No word came in time to hold the answer back: what sounds now is noise or a new turn.
    state.turn = null
    ignoreSpeech(draft)
  }
  settleAnswer(draft)
}

/** A segment's last sample was sent. */
export function playoutFinished(draft: Draft, responseId: string, segmentId: string, atMs: number): void {
  const spoken = find(draft, responseId, segmentId)
  if (spoken === null) return
  const { response, segment } = spoken
  const endMs = pastMs(draft, atMs)
  if (segment.playout === 'queued') playoutStarted(draft, responseId, segmentId, endMs - (segment.durationMs ?? 0))
  segment.playout = 'played'
  segment.durationMs ??= Math.max(0, endMs - segment.startMs)
  response.endMs = endMs
}
