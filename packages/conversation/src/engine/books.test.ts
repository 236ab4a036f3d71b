import fc from 'fast-check'
import { expect, test } from 'vitest'
import { turnBooks } from './books.js'

const time = fc.double({ min: 0, max: 1e7, noNaN: true })
const mark = fc.option(time, { nil: null })

test('stages do not sum to the latency, or run backwards', () => {
  fc.assert(
    fc.property(time, time, time, mark, mark, mark, time, (end, decided, text, token, clause, audio, first) => {
      const marks = {
        speechEndMs: end,
        decidedMs: decided,
        textMs: text,
        llmFirstTokenMs: token,
        llmFirstClauseMs: clause,
        ttsFirstAudioMs: audio,
      }
      const { latencyMs, stages, speechEndMs, firstAudibleMs } = turnBooks(marks, 'turn-1', 'resp-1', first, null)
      const values = Object.values(stages)
      expect(values.every((stage) => stage >= 0)).toBe(true)
      expect(values.reduce((sum, stage) => sum + stage, 0)).toBe(latencyMs)
      expect(firstAudibleMs - speechEndMs).toBe(latencyMs)
    }),
    { numRuns: 2000 },
  )
})

test('each interval is booked to the stage that it belongs to', () => {
  const marks = {
    speechEndMs: 1000,
    decidedMs: 1500,
    textMs: 1620,
    llmFirstTokenMs: 1900,
    llmFirstClauseMs: 2000,
    ttsFirstAudioMs: 2200,
  }
  expect(turnBooks(marks, 'turn-1', 'resp-1', 2212.5, null)).toMatchObject({
    latencyMs: 1212.5,
    stages: {
      endpointing: 500,
      transcription: 120,
      llmFirstToken: 280,
      llmFirstClause: 100,
      ttsFirstAudio: 200,
      egress: 12.5,
    },
  })
})
