import type { Segment } from './rtp-timeline.js'

/** Pauses inside one utterance of the caller are shorter than this (see fixtures/speech/labels.json). */
export const CALLER_JOIN_MS = 700
/** Pauses inside the agent's speech that still count as speech, when its start is looked for. */
export const AGENT_JOIN_MS = 60

/** One answer as the wire shows it. Times on the observer's clock. */
export interface WireTurn {
  /** The caller's last voiced sample. */
  speechEndMs: number
  /** The agent's first audible sample. */
  firstAudibleMs: number
  /** The difference: voice to voice. */
  latencyMs: number
}

/** For each utterance of the caller, the agent's first sound after it and before the next utterance, if any. */
export function wireTurns(caller: Segment[], agent: Segment[]): WireTurn[] {
  return caller.flatMap((utterance, index) => {
    const nextMs = caller[index + 1]?.startMs ?? Infinity
    const answer = agent.find(({ startMs }) => startMs >= utterance.endMs && startMs < nextMs)
    if (!answer) return []
    const { endMs: speechEndMs } = utterance
    return [{ speechEndMs, firstAudibleMs: answer.startMs, latencyMs: answer.startMs - speechEndMs }]
  })
}

/**
 * How long the agent is still heard after `atMs` (a barge-in's first voiced sample); 0 where it was silent already,
 * null where it never falls silent for `silenceMs`.
 */
export function stopLatencyMs(agent: Segment[], atMs: number, untilMs: number, silenceMs = 400): number | null {
  let end = atMs
  for (const { startMs, endMs } of agent) {
    if (endMs <= atMs) continue
    if (startMs - end >= silenceMs) break
    end = Math.max(end, endMs)
  }
  return untilMs - end >= silenceMs ? end - atMs : null
}
