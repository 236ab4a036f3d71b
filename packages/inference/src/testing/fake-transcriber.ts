import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface FakeTranscriberOptions {
  /** Whether it knows `hotline.input_audio_buffer.reopen`. */
  takesBack: boolean
  /** Where it does not: whether its error names the event that it is about. Default true. */
  namesEvents?: boolean
  /** Transcribe at once; otherwise `finish` has to be called. Default true. */
  instant?: boolean
}

/** One session of a transcription server whose "speech" is text: what it hears, byte by byte, is the transcript. */
export interface FakeTranscriber {
  /** Answers to one client event, in order. */
  handle(frame: string): Record<string, unknown>[]
  /** The transcripts that are due. */
  finish(): Record<string, unknown>[]
  readonly received: string[]
}

export function createFakeTranscriber(options: FakeTranscriberOptions): FakeTranscriber {
  const { takesBack, namesEvents = true, instant = true } = options
  const received: string[] = []
  let serial = 0
  let openId: string | null = null
  let open = ''
  let kept: { id: string; audio: string } | null = null
  let due: { id: string; audio: string }[] = []

  const newId = (): string => `item_${++serial}`
  const finish = (): Record<string, unknown>[] =>
    due.splice(0).map(({ id, audio }) => ({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: id,
      content_index: 0,
      transcript: audio,
    }))

  const act = (event: Record<string, unknown>): Record<string, unknown>[] => {
    switch (event.type) {
      case 'session.update':
        return [{ type: 'session.updated', session: event.session }]
      case 'input_audio_buffer.append':
        openId ??= newId()
        open += Buffer.from(String(event.audio), 'base64').toString('latin1')
        return takesBack ? [{ type: 'hotline.transcription.partial', item_id: openId, transcript: open }] : []
      case 'input_audio_buffer.clear':
        open = ''
        openId = null
        kept = null
        return [{ type: 'input_audio_buffer.cleared' }]
      case 'input_audio_buffer.commit': {
        if (open === '') return [fault(event, 'input_audio_buffer_commit_empty')]
        const id = openId ?? newId()
        kept = { id, audio: open }
        due.push(kept)
        open = ''
        openId = null
        return [{ type: 'input_audio_buffer.committed', item_id: id }, ...(instant ? finish() : [])]
      }
      case 'hotline.input_audio_buffer.reopen': {
        if (!takesBack) return [fault(event, 'invalid_event')]
        if (kept === null || kept.id !== event.item_id) return [fault(event, 'item_not_found')]
        open = kept.audio + open
        openId = kept.id
        due = due.filter((item) => item.id !== openId)
        kept = null
        return [{ type: 'hotline.input_audio_buffer.reopened', item_id: openId }]
      }
      default:
        return [fault(event, 'invalid_event')]
    }
  }

  const fault = (event: Record<string, unknown>, code: string): Record<string, unknown> => ({
    type: 'error',
    error: {
      type: 'invalid_request_error',
      code,
      message: code,
      ...(namesEvents ? { event_id: event.event_id } : {}),
    },
  })

  return {
    received,
    finish,
    handle(frame) {
      const event = JSON.parse(frame) as Record<string, unknown>
      received.push(String(event.type))
      return act(event)
    },
  }
}

export interface TranscriberServer {
  baseUrl: string
  /** Every session since the start, the newest last. */
  sessions: { transcriber: FakeTranscriber; socket: WebSocket }[]
  close(): Promise<void>
}

/** The fake behind a real WebSocket on a loopback port. */
export async function startTranscriberServer(
  options: FakeTranscriberOptions,
  port = 0,
  onConnection: (socket: WebSocket, nth: number) => boolean = () => true,
): Promise<TranscriberServer> {
  const sessions: TranscriberServer['sessions'] = []
  let connections = 0
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  server.on('connection', (socket) => {
    if (!onConnection(socket, ++connections)) return
    const transcriber = createFakeTranscriber(options)
    sessions.push({ transcriber, socket })
    socket.send(JSON.stringify({ type: 'session.created', session: {} }))
    socket.on('message', (data) => {
      for (const reply of transcriber.handle(data.toString())) socket.send(JSON.stringify(reply))
    })
  })
  await once(server, 'listening')
  return {
    baseUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    sessions,
    async close() {
      for (const client of server.clients) client.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
