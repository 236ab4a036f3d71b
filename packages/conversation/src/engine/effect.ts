import type { EndCause, TimerName } from './event.js'
import type { ConversationRecord } from './record.js'

/** What the turn engine asks for. The runtime carries effects out in order and reports back by events. */
export type EngineEffect =
  /** Set (or set again) the one timer of this name; it reports with the same token. */
  | { type: 'timer.set'; timer: TimerName; token: number; atMs: number }
  | { type: 'timer.cancel'; timer: TimerName }
  /** Ask for the final text of the turn's audio so far. Answered by `asr.final` or `asr.failed`. */
  | { type: 'asr.commit'; turnId: string; revision: number }
  /** The commit came too early: the turn goes on, no audio is lost; a later commit covers all of it. */
  | { type: 'asr.reopen'; turnId: string; revision: number }
  /** The turn is over or dropped: forget its audio. */
  | { type: 'asr.clear' }
  /** Ask the end-of-turn model. Answered by `eot.predicted` or `eot.failed`. */
  | { type: 'eot.predict'; turnId: string; revision: number }
  | { type: 'llm.request'; responseId: string; turnId: string; messages: ChatMessage[]; maxTokens: number }
  | { type: 'llm.cancel'; responseId: string }
  /** Synthesise `text` and queue it behind what is queued. `final` marks a response's last segment. */
  | { type: 'tts.request'; responseId: string; segmentId: string; text: string }
  /** Stop synthesising what belongs to this response and has not come yet. */
  | { type: 'tts.cancel'; responseId: string }
  /** Lower the agent's volume at once (a caller may be starting to speak). */
  | { type: 'playout.duck' }
  /** Silence at once, position kept. */
  | { type: 'playout.pause' }
  /** Full volume, on from the same sample. Ends a duck or a pause. */
  | { type: 'playout.resume' }
  /** Throw away what has not been sent, of these responses only. Answered by `playout.cleared`, synchronously. */
  | { type: 'playout.clear'; responseIds: string[] }
  | { type: 'call.hangup'; cause: EndCause }
  /** Something that belongs in the call's record. */
  | { type: 'record'; record: ConversationRecord }

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}
