import type { EngineSettings } from '@hotline/conversation'
import type { AgentSettings } from '@hotline/storage'

/** How long the end-of-turn model may think before the shortest wait decides without it, ms. */
const END_OF_TURN_REPLY_MS = 400

/** The engine's view of an agent's definition. */
export function engineSettings(agent: AgentSettings): EngineSettings {
  const { turn_taking: turns, no_input: noInput, failures, limits } = agent
  return {
    instructions: agent.instructions,
    greeting: agent.greeting,
    greetingInterruptible: agent.greeting_interruptible,
    maxTokens: agent.generation.max_tokens,
    endOfTurn: {
      minDelayMs: turns.min_delay_ms,
      maxDelayMs: Math.max(turns.max_delay_ms, turns.min_delay_ms),
      threshold: turns.end_of_turn_threshold,
      replyTimeoutMs: END_OF_TURN_REPLY_MS,
    },
    interruption: {
      enabled: turns.interruptible,
      minDurationMs: turns.interrupt_after_ms,
      minWords: turns.interrupt_min_words,
      resumeAfterMs: turns.resume_after_ms,
      backchannels: turns.backchannels,
    },
    noInput: { timeoutMs: noInput.timeout_ms, reprompts: noInput.reprompts, goodbye: noInput.goodbye },
    dtmf: {
      interDigitMs: agent.dtmf.inter_digit_ms,
      finishKey: agent.dtmf.finish_key,
      maxDigits: agent.dtmf.max_digits,
    },
    limits: {
      maxCallMs: limits.max_call_ms,
      maxCallGoodbye: limits.max_call_goodbye,
      maxHistoryMessages: limits.max_history_messages,
    },
    failures: {
      excuse: failures.excuse,
      asrFinalMs: failures.asr_final_ms,
      llmFirstTokenMs: failures.llm_first_token_ms,
      ttsStallMs: failures.tts_stall_ms,
      tolerated: failures.tolerated,
    },
  }
}
