import type { CallEvent, CallEventBody, Stages, Usage } from '../shapes/call-event.js'

type Body<T extends CallEventBody['type']> = Omit<Extract<CallEventBody, { type: T }>, 'type'>

/** What is known of a call after some of its events: everything the call's record is made of. Times as in the events. */
export interface CallState {
  started: Body<'call.started'> | null
  /** Unix ms of the first event, of the answer and of the end. */
  started_at: number
  answered_at: number | null
  ended_at: number | null
  caller: Body<'caller.said'>[]
  agent: Body<'agent.said'>[]
  answers: {
    turn_id: string
    response_id: string
    speech_end_ms: number
    first_audible_ms: number
    latency_ms: number
    stages: Stages
    usage: Usage | null
  }[]
  interruptions: Body<'interruption'>[]
  failures: Body<'failure'>[]
  dropped_turns: number
  /** Sum over the turns so far. */
  usage: Usage
  recording: Body<'recording.ready'> | null
  ended: Body<'call.ended'> | null
}

const NO_USAGE: Usage = { prompt_tokens: 0, completion_tokens: 0, cached_tokens: 0 }

export function emptyCallState(startedAt: number): CallState {
  return {
    started: null,
    started_at: startedAt,
    answered_at: null,
    ended_at: null,
    caller: [],
    agent: [],
    answers: [],
    interruptions: [],
    failures: [],
    dropped_turns: 0,
    usage: NO_USAGE,
    recording: null,
    ended: null,
  }
}

function add(a: Usage, b: Usage): Usage {
  return {
    prompt_tokens: a.prompt_tokens + b.prompt_tokens,
    completion_tokens: a.completion_tokens + b.completion_tokens,
    cached_tokens: a.cached_tokens + b.cached_tokens,
  }
}

/** Folds one event into a call's state; returns the same object when the event changes nothing. Pure. */
export function applyCallEvent(state: CallState, { event, time }: CallEvent): CallState {
  switch (event.type) {
    case 'call.started': {
      const { type: _, ...started } = event
      return { ...state, started, started_at: time }
    }
    case 'call.answered':
      return { ...state, answered_at: time }
    case 'caller.said': {
      const { type: _, ...said } = event
      return { ...state, caller: [...state.caller, said] }
    }
    case 'agent.said': {
      const { type: _, ...said } = event
      return { ...state, agent: [...state.agent, said] }
    }
    case 'turn.completed': {
      const { type: _, ...answer } = event
      const usage = answer.usage ? add(state.usage, answer.usage) : state.usage
      return { ...state, answers: [...state.answers, answer], usage }
    }
    case 'interruption': {
      const { type: _, ...interruption } = event
      return { ...state, interruptions: [...state.interruptions, interruption] }
    }
    case 'failure': {
      const { type: _, ...failure } = event
      return { ...state, failures: [...state.failures, failure] }
    }
    case 'turn.dropped':
      return { ...state, dropped_turns: state.dropped_turns + 1 }
    case 'recording.ready': {
      const { type: _, ...recording } = event
      return { ...state, recording }
    }
    case 'call.ended': {
      const { type: _, ...ended } = event
      return { ...state, ended, ended_at: time }
    }
    case 'caller.speech_started':
    case 'caller.speech_stopped':
    case 'caller.partial':
    case 'dtmf':
    case 'no_input':
    case 'call.held':
      return state
  }
}

/** The state after all of these events, which are sorted by `seq`. Null when there are none. */
export function foldCallEvents(events: readonly CallEvent[]): CallState | null {
  const first = events[0]
  if (!first) return null
  return events.reduce(applyCallEvent, emptyCallState(first.time))
}
