import type { CallEvent, CallEventBody } from '@hotline/storage'

const usage = { prompt_tokens: 100, completion_tokens: 20, cached_tokens: 64 }
const stages = {
  endpointing: 400,
  transcription: 100,
  llm_first_token: 150,
  llm_first_clause: 100,
  tts_first_audio: 130,
  egress: 20,
}

const BODIES: CallEventBody[] = [
  {
    type: 'call.started',
    direction: 'inbound',
    transport: 'sip',
    agent_id: 'agent_1',
    agent_name: 'demo',
    agent_version: 1,
    model: 'default',
    from: 'sip:alice@127.0.0.1',
    to: 'sip:demo@127.0.0.1',
    transport_call_id: 'abc@127.0.0.1',
    codec: 'PCMU',
  },
  { type: 'call.answered' },
  { type: 'caller.said', turn_id: 't1', text: 'What <b>time</b>?', start_ms: 1000, end_ms: 2000, dtmf: false },
  {
    type: 'turn.completed',
    turn_id: 't1',
    response_id: 'r1',
    speech_end_ms: 2000,
    first_audible_ms: 2900,
    latency_ms: 900,
    stages,
    usage,
  },
  { type: 'call.ended', cause: 'caller_hangup', duration_ms: 5000, usage, media: { packets_sent: 250 } },
]

/** The first `count` events of a short call with one turn; all five end it. */
export function callEvents(callId: string, count = BODIES.length): CallEvent[] {
  return BODIES.slice(0, count).map((event, seq) => ({ call_id: callId, seq, time: 1_700_000_000_000 + seq, event }))
}

/** The recording's event, which follows the end. */
export function recordingReady(callId: string): CallEvent {
  const event: CallEventBody = { type: 'recording.ready', artifact: `recordings/${callId}.wav`, duration_ms: 5000 }
  return { call_id: callId, seq: BODIES.length, time: 1_700_000_000_100, event }
}
