import { rememberAgent, settleAnswer } from './answer.js'
import { turnBooks } from './books.js'
import { bounds } from './bounds.js'
import { createSplitter, splitText } from './clauses.js'
import { type Draft, emit, nextId, record } from './draft.js'
import { heardText } from './history.js'
import { isSpeakable, spokenText } from './markup.js'
import type { SpeechKind } from './record.js'
import type { Response, Segment } from './state.js'

/** Puts fixed text, or an empty reply that the LLM will fill (`text` null), at the end of the queue. */
export function enqueue(
  draft: Draft,
  kind: SpeechKind,
  text: string | null,
  options: { turnId?: string | null; interruptible?: boolean } = {},
): Response {
  const response: Response = {
    id: nextId(draft, 'response'),
    turnId: options.turnId ?? null,
    kind,
    interruptible: options.interruptible ?? true,
    llm: text === null ? 'waiting' : 'none',
    llmAtMs: null,
    attempt: 1,
    splitter: createSplitter(),
    clauses: text === null ? [] : fixedClauses(kind, text),
    complete: text !== null,
    segments: [],
    lostText: [],
    stray: false,
    usage: null,
    startMs: null,
    endMs: draft.nowMs,
    sparedBy: null,
    cut: false,
    failed: false,
    books: null,
  }
  draft.state.queue.push(response)
  return response
}

/** An excuse stays in one piece, so that it can be kept synthesised for the day when the synthesiser fails. */
function fixedClauses(kind: SpeechKind, text: string): string[] {
  return kind === 'excuse' && isSpeakable(text) ? [spokenText(text)] : splitText(text)
}

export function findResponse(draft: Draft, responseId: string): Response | undefined {
  return draft.state.queue.find(({ id }) => id === responseId)
}

/** Sends the clauses that are ready to the synthesiser, in playout order: a response waits for the one before it. */
export function feedQueue(draft: Draft): void {
  for (const response of draft.state.queue) {
    if (response.cut) continue
    for (const text of response.clauses.splice(0)) {
      const segmentId = nextId(draft, 'segment')
      response.segments.push({
        id: segmentId,
        text,
        tts: 'asked',
        askedMs: draft.nowMs,
        durationMs: null,
        playout: 'queued',
        startMs: draft.nowMs,
        pausedMs: 0,
      })
      emit(draft, { type: 'tts.request', responseId: response.id, segmentId, text })
    }
    if (!response.complete) return
  }
}

/** Takes responses that have been said in full off the queue. */
export function retireFinished(draft: Draft): boolean {
  const finished = draft.state.queue.filter(
    ({ cut, complete, clauses, segments }) =>
      !cut && complete && clauses.length === 0 && segments.every(({ playout }) => playout === 'played'),
  )
  for (const response of finished) retire(draft, response, segmentsText(response.segments), false)
  return finished.length > 0
}

/** Takes a response that was cut off the queue; `played` tells how much of each segment was sent. */
export function retireCut(
  draft: Draft,
  response: Response,
  played: (segment: Segment) => { playedMs: number; totalMs: number },
): void {
  const heard = response.segments.map((segment) => {
    if (segment.playout === 'played') return segment.text
    const { playedMs, totalMs } = played(segment)
    return heardText(segment.text, playedMs, totalMs)
  })
  if (!response.cut) response.endMs = silencedMs(draft)
  retire(draft, response, heard.filter((text) => text !== '').join(' '), true)
}

function retire(draft: Draft, response: Response, heard: string, interrupted: boolean): void {
  const { state } = draft
  state.queue = state.queue.filter(({ id }) => id !== response.id)
  if (response.stray) emit(draft, { type: 'playout.clear', responseIds: [response.id] })
  if (state.answer?.responseId === response.id) settleAnswer(draft)
  state.silence.sinceMs = draft.nowMs
  if (response.startMs === null) return
  record(draft, {
    type: 'agent.said',
    responseId: response.id,
    turnId: response.turnId,
    kind: response.kind,
    text: heard,
    fullText: madeText(response),
    startMs: response.startMs,
    endMs: Math.max(response.startMs, response.endMs),
    interrupted: interrupted || response.failed,
  })
  rememberAgent(draft, heard)
  if (response.kind === 'reply' && !response.failed) state.failures.answer = 0
  if (response.books === null) return
  const { marks, turnId, firstAudibleMs } = response.books
  const books = turnBooks(marks, turnId, response.id, firstAudibleMs, response.usage)
  record(draft, { type: 'turn.completed', turn: books })
}

function segmentsText(segments: Segment[]): string {
  return segments.map(({ text }) => text).join(' ')
}

function madeText(response: Response): string {
  const made = [...response.segments.map(({ text }) => text), ...response.lostText, ...response.clauses]
  return [...made, response.splitter.buffer.trim()].filter((text) => text !== '').join(' ')
}

/** Length of a segment, estimated from its text while the synthesiser has not told it. */
export function segmentMs(segment: Segment): number {
  return segment.durationMs ?? segment.text.length * bounds.speechMsPerCharacter
}

/** When the agent was last heard: now, or when the pause began. */
export function silencedMs(draft: Draft): number {
  const { sink } = draft.state
  return sink.level === 'paused' ? sink.sinceMs : draft.nowMs
}

/** What the engine itself knows of how much of a segment was sent until `endMs`. */
export function estimatePlayed(segment: Segment, endMs: number): { playedMs: number; totalMs: number } {
  const totalMs = segmentMs(segment)
  if (segment.playout !== 'playing') return { playedMs: 0, totalMs }
  const playedMs = Math.floor(endMs - segment.startMs - segment.pausedMs)
  return { playedMs: Math.max(0, Math.min(totalMs, playedMs)), totalMs }
}
