import { z } from 'zod'

const ms = z.number()

/** Where one answer's milliseconds went; they sum to the turn's `latency_ms`. */
export const Stages = z.object({
  endpointing: ms,
  transcription: ms,
  llm_first_token: ms,
  llm_first_clause: ms,
  tts_first_audio: ms,
  egress: ms,
})
export type Stages = z.infer<typeof Stages>

export const Usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), cached_tokens: z.int() })
export type Usage = z.infer<typeof Usage>

/** The body of one call event, by type. All `…_ms` on the call's media clock: 0 is the first paced frame. */
export const CallEventBody = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('call.started'),
    direction: z.enum(['inbound', 'outbound']),
    transport: z.enum(['sip', 'websocket']),
    agent_id: z.string(),
    agent_name: z.string(),
    agent_version: z.int(),
    model: z.string(),
    from: z.string(),
    to: z.string(),
    /** The SIP Call-ID, or the carrier's id. */
    transport_call_id: z.string(),
    codec: z.string(),
  }),
  z.object({ type: z.literal('call.answered') }),
  z.object({ type: z.literal('caller.speech_started'), at_ms: ms }),
  z.object({ type: z.literal('caller.speech_stopped'), at_ms: ms }),
  z.object({ type: z.literal('caller.partial'), turn_id: z.string(), text: z.string() }),
  z.object({
    type: z.literal('caller.said'),
    turn_id: z.string(),
    text: z.string(),
    start_ms: ms,
    end_ms: ms,
    dtmf: z.boolean(),
  }),
  z.object({ type: z.literal('turn.dropped'), turn_id: z.string(), reason: z.string(), text: z.string() }),
  z.object({
    type: z.literal('agent.said'),
    response_id: z.string(),
    turn_id: z.string().nullable(),
    kind: z.enum(['greeting', 'reply', 'reprompt', 'excuse', 'goodbye', 'said']),
    /** What the caller heard. */
    text: z.string(),
    /** What the model made. */
    full_text: z.string(),
    start_ms: ms,
    end_ms: ms,
    interrupted: z.boolean(),
  }),
  z.object({
    type: z.literal('interruption'),
    at_ms: ms,
    outcome: z.enum(['barge_in', 'resumed']),
    response_id: z.string(),
    paused_ms: ms,
  }),
  z.object({
    type: z.literal('turn.completed'),
    turn_id: z.string(),
    response_id: z.string(),
    speech_end_ms: ms,
    first_audible_ms: ms,
    latency_ms: ms,
    stages: Stages,
    usage: Usage.nullable(),
  }),
  z.object({ type: z.literal('dtmf'), digit: z.string(), at_ms: ms }),
  z.object({ type: z.literal('no_input'), at_ms: ms, attempt: z.int() }),
  z.object({ type: z.literal('call.held'), held: z.boolean(), at_ms: ms }),
  z.object({ type: z.literal('failure'), at_ms: ms, component: z.string(), message: z.string() }),
  z.object({ type: z.literal('recording.ready'), artifact: z.string(), duration_ms: ms }),
  z.object({
    type: z.literal('call.ended'),
    cause: z.string(),
    duration_ms: ms,
    usage: Usage,
    /** RTP counts: sent, received, lost, concealed, jitter. */
    media: z.record(z.string(), z.number()),
  }),
])
export type CallEventBody = z.infer<typeof CallEventBody>

/** One entry of the call-event stream. `seq` counts up by one within a call, from 0: a gap is a loss. */
export const CallEvent = z.object({
  call_id: z.string(),
  seq: z.int(),
  /** Wall clock, Unix milliseconds. */
  time: z.number(),
  event: CallEventBody,
})
export type CallEvent = z.infer<typeof CallEvent>
