import { z } from 'zod'
import { Stages, Usage } from './call-event.js'

const ms = z.number()

/** What one side said. Offsets on the call's media clock. */
export const TranscriptEntry = z.object({
  role: z.enum(['caller', 'agent']),
  text: z.string().describe('What was said; of an interrupted answer, what the caller heard.'),
  start_ms: ms,
  end_ms: ms,
  kind: z
    .enum(['speech', 'dtmf', 'greeting', 'reply', 'reprompt', 'excuse', 'goodbye', 'said'])
    .describe('How it came about; the first two are the caller’s.'),
  interrupted: z.boolean(),
  full_text: z.string().nullable().describe('All that the agent had to say, when that is more than was heard.'),
})
export type TranscriptEntry = z.infer<typeof TranscriptEntry>

export const Interruption = z.object({
  at_ms: ms,
  outcome: z.enum(['barge_in', 'resumed']).describe('"resumed": the agent paused, it was nothing, and it went on.'),
  response_id: z.string(),
  paused_ms: ms,
})
export type Interruption = z.infer<typeof Interruption>

export const Turn = z.object({
  id: z.string(),
  caller: z.object({ text: z.string(), start_ms: ms, end_ms: ms }).nullable(),
  agent: z
    .object({
      text: z.string().describe('What the caller heard.'),
      full_text: z.string().describe('What the model made.'),
      start_ms: ms,
      end_ms: ms,
      interrupted: z.boolean(),
    })
    .nullable(),
  latency_ms: ms
    .nullable()
    .describe('From the caller’s last voiced sample to the agent’s first audible sample; null without an answer.'),
  stages: Stages.nullable().describe('Where the latency went; the parts sum to it.'),
  interruptions: z.array(Interruption),
  usage: Usage.nullable(),
})
export type Turn = z.infer<typeof Turn>

export const CallStatus = z.enum(['in_progress', 'completed', 'failed'])
export type CallStatus = z.infer<typeof CallStatus>

const unixSeconds = z.int()

/** A call as the API returns it. */
export const Call = z.object({
  id: z.string(),
  object: z.literal('call'),
  status: CallStatus,
  cause: z.string().nullable().describe('Why it ended: caller_hangup, agent_hangup, no_input, max_duration, …'),
  agent_id: z.string(),
  agent_name: z.string(),
  agent_version: z.int(),
  model: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  transport: z.enum(['sip', 'websocket']),
  transport_call_id: z.string(),
  from: z.string(),
  to: z.string(),
  codec: z.string(),
  created_at: unixSeconds,
  answered_at: unixSeconds.nullable(),
  ended_at: unixSeconds.nullable(),
  duration_ms: ms.nullable().describe('Null while it is in progress.'),
  usage: Usage,
  transcript: z.array(TranscriptEntry),
  turns: z.array(Turn),
  interruptions: z.array(Interruption).describe('All of the call, those of greetings included.'),
  failures: z.array(z.object({ at_ms: ms, component: z.string(), message: z.string() })),
  recording: z.object({ ready: z.boolean(), duration_ms: ms, url: z.string() }).nullable(),
  media: z.record(z.string(), z.number()).nullable().describe('RTP counts, once it has ended.'),
})
export type Call = z.infer<typeof Call>
