import type { TokenUsage } from './event.js'
import type { TurnBooks } from './record.js'
import type { Marks } from './state.js'

/**
 * Books of one answer. The marks cut [last voiced sample, first audible sample] into stages. They are put on a grid
 * of an eighth of a millisecond (one sample at 8 kHz), where differences and sums of doubles are exact, and clamped
 * to run forward: so the stages sum to the latency by construction. A missing mark takes the place of the next one.
 */
export function turnBooks(
  marks: Marks,
  turnId: string,
  responseId: string,
  firstAudibleMs: number,
  usage: TokenUsage | null,
): TurnBooks {
  const from = onGrid(marks.speechEndMs)
  const to = Math.max(from, onGrid(firstAudibleMs))
  const audio = marks.ttsFirstAudioMs ?? to
  const clause = marks.llmFirstClauseMs ?? audio
  const token = marks.llmFirstTokenMs ?? clause
  let cursor = from
  const stage = (markMs: number): number => {
    const start = cursor
    cursor = Math.min(to, Math.max(cursor, onGrid(markMs)))
    return cursor - start
  }
  return {
    turnId,
    responseId,
    speechEndMs: from,
    firstAudibleMs: to,
    latencyMs: to - from,
    stages: {
      endpointing: stage(marks.decidedMs),
      transcription: stage(marks.textMs),
      llmFirstToken: stage(token),
      llmFirstClause: stage(clause),
      ttsFirstAudio: stage(audio),
      egress: stage(to),
    },
    usage,
  }
}

function onGrid(ms: number): number {
  return Math.round(ms * 8) / 8
}
