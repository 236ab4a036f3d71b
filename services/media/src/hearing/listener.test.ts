import { EventEmitter } from 'node:events'
import { decodeG711 } from '@hotline/audio'
import type { EngineEvent, SmartTurn } from '@hotline/conversation'
import type { TranscriptionEvents, TranscriptionSession } from '@hotline/inference'
import type { ReceivedFrame } from '@hotline/rtp'
import { expect, it } from 'vitest'
import { Listener, type VoiceActivityPort } from './listener.js'

class Asr extends EventEmitter<TranscriptionEvents> implements TranscriptionSession {
  received: number[] = []
  commits = 0
  append(audio: Uint8Array) {
    this.received.push(...decodeG711('PCMU', audio))
  }
  async commit() {
    this.commits++
    return { itemId: 'item', text: 'hello' }
  }
  reopen() {
    return true
  }
  clear() {}
  close() {}
}

class Vad extends EventEmitter<{ speech_started: [{ startMs: number }]; speech_stopped: [{ lastVoicedMs: number }] }> {
  speaking = false
  push() {}
  close() {}
}

function setUp() {
  const asr = new Asr()
  const vad = new Vad()
  const events: EngineEvent[] = []
  const smartTurn: SmartTurn = { predict: async () => 0.9, close: async () => {} }
  const listener = new Listener({
    codec: 'PCMU',
    voiceActivity: vad satisfies VoiceActivityPort,
    transcription: asr,
    smartTurn,
    emit: (event) => events.push(event),
  })
  let tick = 0
  /** Frames numbered by their value: frame n holds n * 64, which µ-law keeps nearly exactly. */
  const frames = (count: number) => {
    for (let i = 0; i < count; i++, tick++) {
      const frame: ReceivedFrame = {
        pcm: new Int16Array(160).fill(tick * 64),
        tick,
        kind: 'speech',
        arrivalMs: tick * 20,
      }
      listener.frame(frame)
    }
  }
  const heardFrames = () => [...new Set(asr.received.map((sample) => Math.round(sample / 64)))]
  return { asr, vad, events, listener, frames, heardFrames }
}

it('sends nothing to the ASR while nobody speaks', () => {
  const { asr, frames } = setUp()
  frames(100)
  expect(asr.received).toHaveLength(0)
})

it('does not lose the first word: what came before the VAD was sure goes along', () => {
  const { vad, frames, heardFrames } = setUp()
  frames(50)
  vad.emit('speech_started', { startMs: 900 })
  expect(Math.min(...heardFrames())).toBeLessThanOrEqual(25)
  expect(Math.max(...heardFrames())).toBe(49)
})

it('sends each sample once when the caller goes on after a commit', async () => {
  const { asr, vad, listener, frames } = setUp()
  frames(30)
  vad.emit('speech_started', { startMs: 500 })
  frames(30)
  listener.commit('turn-1', 0)
  frames(5)
  listener.reopen()
  vad.emit('speech_started', { startMs: 1250 })
  frames(10)
  listener.commit('turn-1', 1)
  const sent = asr.received.length
  const firstFrame = 30 - (600 - 500 + 400) / 20
  expect(sent).toBe((75 - firstFrame) * 160)
  expect(asr.commits).toBe(2)
})

it('answers a commit with the turn it was made for', async () => {
  const { events, listener } = setUp()
  listener.commit('turn-3', 2)
  await new Promise((resolve) => setImmediate(resolve))
  expect(events).toEqual([{ type: 'asr.final', turnId: 'turn-3', revision: 2, text: 'hello' }])
})

it('stays silent after it was closed', async () => {
  const { events, listener } = setUp()
  listener.commit('turn-1', 0)
  listener.predict('turn-1', 0)
  listener.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(events).toEqual([])
})

it('keeps the first words when an old turn is forgotten as new speech begins', () => {
  const { vad, listener, frames, heardFrames, events, asr } = setUp()
  frames(40)
  const emitted = events.length
  // What the engine does on this event: the last turn is over, its audio is forgotten.
  asr.clear = () => {
    asr.received = []
  }
  vad.prependListener('speech_started', () => listener.clear())
  vad.emit('speech_started', { startMs: 700 })
  expect(events.length).toBe(emitted + 1)
  expect(Math.min(...heardFrames())).toBeLessThanOrEqual(15)
})
