import { z } from 'zod'

/** What people send to create an agent; every field but `name` has a default. Times in ms. */
export const AgentInput = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'lower-case letters, digits, "-", "_" and "." only, at most 63')
    .describe('The SIP user part that selects this agent: sip:NAME@host. Unique.'),
  description: z.string().max(1000).default(''),
  instructions: z
    .string()
    .max(32_000)
    .default('You are a helpful assistant on the telephone. Answer in one or two short sentences.'),
  model: z
    .string()
    .min(1)
    .max(256)
    .default('default')
    .describe('"default" for the base model, or a model or alias name.'),
  language: z
    .string()
    .regex(/^[a-z]{2}$/, 'two lower-case letters, as in ISO 639-1')
    .default('en')
    .describe('What the caller speaks, ISO 639-1: selects how speech is recognised. The voices speak English.'),
  voice: z.string().min(1).max(64).default('joe'),
  speed: z.number().min(0.5).max(2).default(1),
  greeting: z.string().max(1000).nullable().default('Hello, how can I help you?'),
  greeting_interruptible: z.boolean().default(true),
  generation: z
    .strictObject({
      temperature: z.number().min(0).max(2).default(0.3),
      top_p: z.number().gt(0).max(1).default(0.9),
      max_tokens: z.int().min(1).max(1024).default(80),
      repetition_penalty: z.number().min(1).max(2).default(1.1),
    })
    .prefault({}),
  turn_taking: z
    .strictObject({
      vad_threshold: z.number().min(0.05).max(0.95).default(0.5),
      vad_start_ms: z.int().min(32).max(1000).default(96),
      vad_stop_ms: z.int().min(64).max(3000).default(192),
      min_delay_ms: z.int().min(0).max(5000).default(300),
      max_delay_ms: z.int().min(0).max(10_000).default(1600),
      end_of_turn_threshold: z.number().min(0).max(1).default(0.5),
      interruptible: z.boolean().default(true),
      interrupt_after_ms: z.int().min(0).max(5000).default(300),
      interrupt_min_words: z.int().min(0).max(20).default(0),
      resume_after_ms: z.int().min(100).max(10_000).default(1200),
      backchannels: z
        .array(z.string().max(64))
        .max(100)
        .default([
          'mhm',
          'mm hmm',
          'uh huh',
          'hmm',
          'yeah',
          'okay',
          'ok',
          'right',
          'sure',
          'i see',
          'got it',
          'mm',
          'yep',
        ]),
    })
    .prefault({}),
  no_input: z
    .strictObject({
      timeout_ms: z.int().min(1000).max(600_000).default(10_000),
      reprompts: z
        .array(z.string().min(1).max(500))
        .max(10)
        .default(['Are you still there?', 'Sorry, I did not hear anything. Can I help you with something?']),
      goodbye: z.string().min(1).max(500).default('I cannot hear you, so I will hang up now. Goodbye.'),
    })
    .prefault({}),
  dtmf: z
    .strictObject({
      inter_digit_ms: z.int().min(200).max(20_000).default(2000),
      finish_key: z
        .string()
        .regex(/^[0-9*#]$/)
        .default('#'),
      max_digits: z.int().min(1).max(64).default(32),
    })
    .prefault({}),
  limits: z
    .strictObject({
      max_call_ms: z
        .int()
        .min(5000)
        .max(24 * 3_600_000)
        .default(1_800_000),
      max_call_goodbye: z.string().min(1).max(500).default('We have reached the longest time for a call. Goodbye.'),
      max_history_messages: z.int().min(2).max(200).default(40),
    })
    .prefault({}),
  failures: z
    .strictObject({
      excuse: z.string().min(1).max(500).default('Sorry, something went wrong on my side. Could you say that again?'),
      asr_final_ms: z.int().min(100).max(20_000).default(1500),
      llm_first_token_ms: z.int().min(100).max(60_000).default(1500),
      tts_stall_ms: z.int().min(100).max(60_000).default(1500),
      tolerated: z.int().min(1).max(20).default(3),
    })
    .prefault({}),
  recording: z.boolean().default(false).describe('Keep a stereo WAV of the call: caller left, agent right.'),
  metadata: z.record(z.string().max(64), z.string().max(512)).default({}),
})
export type AgentInput = z.input<typeof AgentInput>
export type AgentSettings = z.output<typeof AgentInput>

/** An agent as the API returns it. `created_at` and `updated_at` in Unix seconds. */
export const Agent = AgentInput.extend({
  id: z.string(),
  object: z.literal('agent'),
  created_at: z.int(),
  updated_at: z.int(),
  /** Counts up with every change. */
  version: z.int(),
})
export type Agent = z.output<typeof Agent>
