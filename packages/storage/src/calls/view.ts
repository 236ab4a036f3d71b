import type { Call, CallStatus, Interruption, TranscriptEntry, Turn } from '../shapes/call.js'
import type { CallState } from './state.js'

const FAILED_CAUSES = new Set(['error', 'media_lost', 'media_timeout'])

/** A call's status by what has happened to it. */
export function callStatus(state: CallState): CallStatus {
  if (!state.ended) return 'in_progress'
  return FAILED_CAUSES.has(state.ended.cause) ? 'failed' : 'completed'
}

const seconds = (ms: number): number => Math.floor(ms / 1000)
const byStart = <T extends { start_ms: number }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => a.start_ms - b.start_ms)

/** The API's object of a call: its events' fold arranged for people. Pure. */
export function viewCall(id: string, state: CallState): Call {
  const { started, ended } = state
  const counted = ended && ended.usage.prompt_tokens + ended.usage.completion_tokens > 0
  return {
    id,
    object: 'call',
    status: callStatus(state),
    cause: ended?.cause ?? null,
    agent_id: started?.agent_id ?? '',
    agent_name: started?.agent_name ?? '',
    agent_version: started?.agent_version ?? 0,
    model: started?.model ?? '',
    direction: started?.direction ?? 'inbound',
    transport: started?.transport ?? 'sip',
    transport_call_id: started?.transport_call_id ?? '',
    from: started?.from ?? '',
    to: started?.to ?? '',
    codec: started?.codec ?? '',
    created_at: seconds(state.started_at),
    answered_at: state.answered_at === null ? null : seconds(state.answered_at),
    ended_at: state.ended_at === null ? null : seconds(state.ended_at),
    duration_ms: ended?.duration_ms ?? null,
    // A call that its process could not end has no total; what its turns counted stands.
    usage: counted ? ended.usage : state.usage,
    transcript: transcript(state),
    turns: turns(state),
    interruptions: state.interruptions,
    failures: state.failures,
    recording: state.recording
      ? { ready: true, duration_ms: state.recording.duration_ms, url: `/v1/calls/${encodeURIComponent(id)}/recording` }
      : null,
    media: ended?.media ?? null,
  }
}

function transcript(state: CallState): TranscriptEntry[] {
  const caller = state.caller.map(
    ({ text, start_ms, end_ms, dtmf }): TranscriptEntry => ({
      role: 'caller',
      text,
      start_ms,
      end_ms,
      kind: dtmf ? 'dtmf' : 'speech',
      interrupted: false,
      full_text: null,
    }),
  )
  const agent = state.agent.map(
    ({ text, full_text, start_ms, end_ms, kind, interrupted }): TranscriptEntry => ({
      role: 'agent',
      text,
      start_ms,
      end_ms,
      kind,
      interrupted,
      full_text: full_text === text ? null : full_text,
    }),
  )
  return byStart([...caller, ...agent])
}

function turns(state: CallState): Turn[] {
  const ids = new Set<string>()
  for (const { turn_id } of state.caller) ids.add(turn_id)
  for (const { turn_id } of state.answers) ids.add(turn_id)
  for (const { turn_id } of state.agent) if (turn_id !== null) ids.add(turn_id)
  const found = [...ids].map((id) => turn(id, state))
  const startOf = ({ caller, agent }: Turn): number => caller?.start_ms ?? agent?.start_ms ?? 0
  return found.sort((a, b) => startOf(a) - startOf(b))
}

function turn(id: string, state: CallState): Turn {
  const caller = byStart(state.caller.filter(({ turn_id }) => turn_id === id))
  const agent = byStart(state.agent.filter(({ turn_id }) => turn_id === id))
  const answer = state.answers.find(({ turn_id }) => turn_id === id)
  const responses = new Set(agent.map(({ response_id }) => response_id))
  if (answer) responses.add(answer.response_id)
  const interruptions: Interruption[] = state.interruptions.filter(({ response_id }) => responses.has(response_id))
  return {
    id,
    caller: joined(caller),
    agent: withFullText(agent),
    latency_ms: answer?.latency_ms ?? null,
    stages: answer?.stages ?? null,
    interruptions,
    usage: answer?.usage ?? null,
  }
}

interface Spoken {
  text: string
  start_ms: number
  end_ms: number
}

/** Several utterances of one turn as one. */
function joined(items: readonly Spoken[]): Spoken | null {
  const [first] = items
  if (!first) return null
  return {
    text: items
      .map(({ text }) => text)
      .filter((text) => text.length > 0)
      .join(' '),
    start_ms: first.start_ms,
    end_ms: Math.max(...items.map(({ end_ms }) => end_ms)),
  }
}

function withFullText(items: CallState['agent']): Turn['agent'] {
  const spoken = joined(items)
  if (!spoken) return null
  const full = items.map(({ full_text }) => full_text).filter((text) => text.length > 0)
  return { ...spoken, full_text: full.join(' '), interrupted: items.some(({ interrupted }) => interrupted) }
}
