import { interruptAgent } from './cut.js'
import { type Draft, ignoreSpeech, record } from './draft.js'
import { decide, dropTurn, openTurn } from './turn.js'

const keys = /^[0-9A-D*#]$/iu

/** A key press. The first one of an entry stops the agent; speech of the same turn gives way to the keys. */
export function digitPressed(draft: Draft, digit: string): void {
  const { state, nowMs } = draft
  if (!keys.test(digit)) return
  record(draft, { type: 'dtmf', digit, atMs: nowMs })
  state.silence.sinceMs = nowMs
  const { interDigitMs, finishKey, maxDigits } = state.settings.dtmf
  if (state.phase !== 'live' || (state.closing !== null && !state.closing.cancellable)) return
  if (state.digits === null) {
    const earlier = state.turn?.dtmf ? state.turn : null
    state.digits = { text: earlier?.finalText ?? '', startMs: earlier?.startMs ?? nowMs, endMs: nowMs, atMs: nowMs }
    if (earlier === null) dropTurn(draft, 'superseded')
    else state.turn = null
    if (state.queue.some(({ cut }) => !cut)) interruptAgent(draft)
  }
  const { digits } = state
  digits.endMs = nowMs
  digits.atMs = nowMs + interDigitMs
  const finished = digit === finishKey
  if (!finished || digits.text === '') digits.text += digit
  if (finished || digits.text.length >= maxDigits) endEntry(draft)
}

/** The entry is whole: it becomes a turn of its own. */
export function endEntry(draft: Draft): void {
  const { state, nowMs } = draft
  const { digits } = state
  state.digits = null
  if (digits === null || digits.text === '') return
  const turn = openTurn(draft, digits.startMs, false)
  turn.dtmf = true
  turn.finalText = digits.text
  turn.textMs = nowMs
  turn.asr = 'answered'
  turn.speechEndMs = digits.endMs
  decide(draft, turn)
  ignoreSpeech(draft)
}
