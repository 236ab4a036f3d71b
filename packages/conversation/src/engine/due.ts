import { beginClosing, closeTimedOut } from './closing.js'
import { clearingTimedOut } from './cut.js'
import { endEntry } from './digits.js'
import type { Draft } from './draft.js'
import type { TimerName } from './event.js'
import { endOfTurnFailed } from './failure.js'
import { bargeInDue, resumeDue } from './judge.js'
import { replyTimedOut } from './reply.js'
import { silenceTimedOut } from './silence.js'
import { playoutStalled } from './speech.js'
import type { Turn } from './state.js'
import { finalFailed, probeSpeech, textMissing } from './transcript.js'
import { applyPrediction } from './turn.js'

/** What each timer ends. Every handler moves or removes the deadline that it was set from. */
const due: Record<TimerName, (draft: Draft) => void> = {
  end_of_turn: onTurn((draft, turn) => {
    // Settling finds the deadline in the past.
    if (turn.decideAtMs !== null) turn.decideAtMs = draft.nowMs
  }),
  eot_reply: onTurn((draft, turn) => {
    endOfTurnFailed(draft, `no prediction within ${draft.state.settings.endOfTurn.replyTimeoutMs} ms`)
    applyPrediction(draft, turn, 'unknown')
  }),
  asr_final: onTurn((draft, turn) =>
    finalFailed(draft, turn, `no final text within ${draft.state.settings.failures.asrFinalMs} ms`, true),
  ),
  turn_watchdog: onTurn(probeSpeech),
  missing_text: onTurn(textMissing),
  barge_in: bargeInDue,
  resume: resumeDue,
  idle: silenceTimedOut,
  llm_first_token: replyTimedOut,
  tts_stall: playoutStalled,
  digits: endEntry,
  interrupt_watchdog: clearingTimedOut,
  max_duration: (draft) => beginClosing(draft, 'max_duration', draft.state.settings.limits.maxCallGoodbye),
  close: closeTimedOut,
}

function onTurn(run: (draft: Draft, turn: Turn) => void): (draft: Draft) => void {
  return (draft) => {
    if (draft.state.turn !== null) run(draft, draft.state.turn)
  }
}

/** A timer counts only with the token that it was last set with: a late one is ignored. */
export function timerFired(draft: Draft, timer: TimerName, token: number): void {
  const { timers } = draft.state
  if (timers[timer]?.token !== token) return
  delete timers[timer]
  due[timer](draft)
}
