/** How one agent takes turns. All times in ms. */
export interface EngineSettings {
  instructions: string
  greeting: string | null
  /** Whether the caller may interrupt the greeting. */
  greetingInterruptible: boolean
  maxTokens: number
  endOfTurn: {
    /** Shortest wait after the last voiced sample when the end-of-turn model says the caller is done. */
    minDelayMs: number
    /** Longest wait when it says that more will come. */
    maxDelayMs: number
    /** Probability from which the caller counts as done. */
    threshold: number
    /** Longest wait for the model's reply. */
    replyTimeoutMs: number
  }
  interruption: {
    enabled: boolean
    /** Speech of this length over the agent pauses it. */
    minDurationMs: number
    /** Words needed, added up over the open turn, before a pause becomes an interruption. 0: any text. */
    minWords: number
    /** A pause without an interruption ends after this. */
    resumeAfterMs: number
    /** Phrases that do not interrupt ("mhm", "right"), lower case, no punctuation. */
    backchannels: string[]
  }
  noInput: {
    /** Silence of both sides before a re-prompt. */
    timeoutMs: number
    /** Said in turn; after the last one the call ends with `goodbye`. */
    reprompts: string[]
    goodbye: string
  }
  dtmf: {
    /** Longest gap between digits of one entry. */
    interDigitMs: number
    finishKey: string
    maxDigits: number
  }
  limits: {
    maxCallMs: number
    /** Said when `maxCallMs` is over. */
    maxCallGoodbye: string
    /** Messages kept in the prompt beside the instructions. */
    maxHistoryMessages: number
  }
  failures: {
    /** Spoken when a worker fails in mid-turn. */
    excuse: string
    /** Budgets, each of which ends in the excuse. */
    asrFinalMs: number
    llmFirstTokenMs: number
    ttsStallMs: number
    /** Failed turns in a row before the agent says goodbye and hangs up. */
    tolerated: number
  }
}
