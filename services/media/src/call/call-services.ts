import type { SmartTurn, VoiceActivity } from '@hotline/conversation'
import type { ChatClient, SpeechClient, TranscriptionClient } from '@hotline/inference'
import type { Log } from '@hotline/observability'
import type { Agent, CallEventWriter } from '@hotline/storage'
import type { RecordingSink } from '../recording/recorder.js'
import type { PhraseCache } from '../speaking/phrase-cache.js'

/** What every call of this process shares. */
export interface CallServices {
  log: Log
  chat: ChatClient
  speech: SpeechClient
  transcription: TranscriptionClient
  smartTurn: SmartTurn
  phrases: PhraseCache
  events: Pick<CallEventWriter, 'write'>
  createVoiceActivity(agent: Agent): VoiceActivity
  openRecording(key: string): Promise<RecordingSink>
  onCallOver(callId: string): void
}
