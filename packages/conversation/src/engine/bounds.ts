/** Waits that no agent needs to change, in ms, and sizes. Each ends a state that could otherwise last for ever. */
export const bounds = {
  /** A committed turn whose answer was not heard may be taken up again this long after its last voiced sample. */
  reopenMs: 8000,
  /** Caller said to be speaking, without a new word: after this the recogniser is asked whether there is anything. */
  wordlessSpeechMs: 8000,
  /** Speech without text is put on record this long after its last voiced sample. */
  missingTextMs: 2000,
  /** Sound that follows a known text moves the decision by no more than this, unless it brings words. */
  noiseGraceMs: 1500,
  /** Speech that goes on for this long after it was taken for noise may have words after all. */
  unheardMs: 200,
  /** Times `resumeAfterMs` that one pause may last, whatever the caller's noises. */
  pauseExtensions: 3,
  /** A partial of so many words is no guess, though nothing has confirmed it yet. */
  surePartialWords: 3,
  /** Longest wait for `playout.cleared`. */
  clearMs: 1000,
  /** Longest time from the decision to end the call to the hang-up. */
  closeMs: 30_000,
  /** Longest wait for the caller's last words before the hang-up. */
  lastWordsMs: 2000,
  /** Longest wait for `call.gone` after the hang-up. */
  goneMs: 5000,
  /** Least budget left for a second attempt at the LLM. */
  retryMs: 200,
  /** Announcements that wait for their turn to be spoken. */
  announcements: 16,
  /** Length of speech taken where the synthesiser has not told it yet. */
  speechMsPerCharacter: 70,
  /** Outgoing call: wait for the callee's first sound, then for the end of a greeting without and with text. */
  calleeSilentMs: 2000,
  calleeNoTextMs: 500,
  calleeTextMs: 1500,
} as const
