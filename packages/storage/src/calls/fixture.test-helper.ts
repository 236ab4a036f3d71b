import type { CallEvent, CallEventBody } from '../shapes/call-event.js'

const usage = { prompt_tokens: 100, completion_tokens: 20, cached_tokens: 64 }

/** The bodies of a short call: greeting, one answered turn that was cut, a recording. */
export function callBodies(agentName = 'demo'): CallEventBody[] {
  return [
    {
      type: 'call.started',
      direction: 'inbound',
      transport: 'sip',
      agent_id: 'agent_1',
      agent_name: agentName,
      agent_version: 1,
      model: 'default',
      from: 'sip:alice@127.0.0.1',
      to: `sip:${agentName}@127.0.0.1`,
      transport_call_id: 'abc@127.0.0.1',
      codec: 'PCMU',
    },
    { type: 'call.answered' },
    {
      type: 'agent.said',
      response_id: 'r0',
      turn_id: null,
      kind: 'greeting',
      text: 'Hello.',
      full_text: 'Hello.',
      start_ms: 100,
      end_ms: 700,
      interrupted: false,
    },
    { type: 'caller.speech_started', at_ms: 1000 },
    { type: 'caller.partial', turn_id: 't1', text: 'What time' },
    { type: 'caller.said', turn_id: 't1', text: 'What time do you open?', start_ms: 1000, end_ms: 2000, dtmf: false },
    {
      type: 'turn.completed',
      turn_id: 't1',
      response_id: 'r1',
      speech_end_ms: 2000,
      first_audible_ms: 2900,
      latency_ms: 900,
      stages: {
        endpointing: 400,
        transcription: 100,
        llm_first_token: 150,
        llm_first_clause: 100,
        tts_first_audio: 130,
        egress: 20,
      },
      usage,
    },
    { type: 'interruption', at_ms: 3500, outcome: 'barge_in', response_id: 'r1', paused_ms: 0 },
    {
      type: 'agent.said',
      response_id: 'r1',
      turn_id: 't1',
      kind: 'reply',
      text: 'We open at',
      full_text: 'We open at eleven.',
      start_ms: 2900,
      end_ms: 3500,
      interrupted: true,
    },
    { type: 'call.ended', cause: 'caller_hangup', duration_ms: 5000, usage, media: { packets_sent: 250 } },
    { type: 'recording.ready', artifact: 'recordings/c1.wav', duration_ms: 5000 },
  ]
}

/** The events of one call, `seq` from 0, a second apart. */
export function callEvents(callId: string, bodies: readonly CallEventBody[] = callBodies()): CallEvent[] {
  return bodies.map((event, seq) => ({ call_id: callId, seq, time: 1_700_000_000_000 + seq * 1000, event }))
}
