import { z } from 'zod'

/**
 * Events of an OpenAI Realtime transcription session, as far as a client of ours needs them, and the extension
 * events (`hotline.…`) of our own speech worker. Other types are ignored, as the protocol asks.
 */
const error = z.object({
  type: z.string().nullish(),
  code: z.string().nullish(),
  message: z.string().catch(''),
  event_id: z.string().nullish(),
})

const serverEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input_audio_buffer.committed'), item_id: z.string() }),
  z.object({ type: z.literal('input_audio_buffer.cleared') }),
  z.object({
    type: z.literal('conversation.item.input_audio_transcription.delta'),
    item_id: z.string(),
    delta: z.string().nullish(),
  }),
  z.object({
    type: z.literal('conversation.item.input_audio_transcription.completed'),
    item_id: z.string(),
    transcript: z.string(),
  }),
  z.object({
    type: z.literal('conversation.item.input_audio_transcription.failed'),
    item_id: z.string(),
    error: error.nullish(),
  }),
  z.object({ type: z.literal('hotline.transcription.partial'), item_id: z.string(), transcript: z.string() }),
  z.object({ type: z.literal('hotline.input_audio_buffer.reopened'), item_id: z.string() }),
  z.object({ type: z.literal('error'), error }),
])

export type TranscriptionServerEvent = z.infer<typeof serverEvent>

const knownTypes = new Set<string>(serverEvent.options.map((option) => option.shape.type.value))

/** What a text frame of the server says: an event, `ignored` for a type we have no use for, or `malformed`. */
export function parseTranscriptionEvent(text: string): TranscriptionServerEvent | 'ignored' | 'malformed' {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return 'malformed'
  }
  if (typeof json !== 'object' || json === null || !('type' in json) || typeof json.type !== 'string')
    return 'malformed'
  if (!knownTypes.has(json.type)) return 'ignored'
  const parsed = serverEvent.safeParse(json)
  return parsed.success ? parsed.data : 'malformed'
}

export type AudioFormat = 'pcmu' | 'pcma' | 'pcm'

/** The `session.update` that sets up a transcription session whose turns the client decides. */
export function sessionUpdate(
  format: AudioFormat,
  sampleRateHz: number,
  model: string | undefined,
  language: string | undefined,
): Record<string, unknown> {
  return {
    type: 'session.update',
    session: {
      type: 'transcription',
      audio: {
        input: {
          format: format === 'pcm' ? { type: 'audio/pcm', rate: sampleRateHz } : { type: `audio/${format}` },
          transcription: { ...(model === undefined ? {} : { model }), ...(language === undefined ? {} : { language }) },
          turn_detection: null,
        },
      },
    },
  }
}
