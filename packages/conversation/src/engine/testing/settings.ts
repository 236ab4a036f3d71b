import type { EngineSettings } from '../settings.js'

type Part<T> = { [K in keyof T]?: T[K] extends unknown[] | null ? T[K] : T[K] extends object ? Part<T[K]> : T[K] }

/** Settings of a plain agent, with what a test needs otherwise. */
export function testSettings(changes: Part<EngineSettings> = {}): EngineSettings {
  const base: EngineSettings = {
    instructions: 'You are a helpful agent.',
    greeting: null,
    greetingInterruptible: true,
    maxTokens: 200,
    endOfTurn: { minDelayMs: 500, maxDelayMs: 3000, threshold: 0.5, replyTimeoutMs: 300 },
    interruption: {
      enabled: true,
      minDurationMs: 500,
      minWords: 0,
      resumeAfterMs: 2000,
      backchannels: ['mhm', 'uh huh', 'yeah', 'right', 'okay'],
    },
    noInput: { timeoutMs: 15_000, reprompts: ['Are you still there?', 'Hello?'], goodbye: 'Goodbye then.' },
    dtmf: { interDigitMs: 2000, finishKey: '#', maxDigits: 20 },
    limits: { maxCallMs: 600_000, maxCallGoodbye: 'Our time is up. Goodbye.', maxHistoryMessages: 40 },
    failures: {
      excuse: 'Sorry, I did not get that.',
      asrFinalMs: 1500,
      llmFirstTokenMs: 1500,
      ttsStallMs: 1500,
      tolerated: 3,
    },
  }
  return merge(base, changes)
}

function merge<T>(base: T, changes: object): T {
  const merged: Record<string, unknown> = Object.assign({}, base)
  for (const [key, value] of Object.entries(changes)) {
    const before = merged[key]
    merged[key] = isRecord(before) && isRecord(value) ? merge(before, value) : value
  }
  return merged as T
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
