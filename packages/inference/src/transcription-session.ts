import { EventEmitter } from 'node:events'
import { InferenceError } from './error.js'
import { createKeptAudio, type KeptAudio } from './kept-audio.js'
import type { ReconnectingSocket } from './reconnecting-socket.js'
import { parseTranscriptionEvent, type TranscriptionServerEvent } from './transcription-event.js'

export interface Transcription {
  itemId: string
  /** May be empty: nothing was said, or nothing was understood. */
  text: string
}

export interface TranscriptionEvents {
  /** The whole text so far of the audio that is not committed yet; a later one may revise an earlier one. */
  partial: [text: string]
  /** Something went wrong that the session survives: the connection broke and is being made again, a bad frame. */
  error: [error: InferenceError]
  /** The session is over; with the reason where we did not end it ourselves. Comes once. */
  closed: [error: InferenceError | null]
}

/** One caller's stream of speech to the ASR. Audio is kept until it can no longer be needed, at most 60 s of it. */
export interface TranscriptionSession extends EventEmitter<TranscriptionEvents> {
  /** Add audio in the session's wire format to the open turn. The bytes are copied. */
  append(audio: Uint8Array): void
  /**
   * The final text of all audio since the last commit that was not taken back. Rejects with an InferenceError:
   * `timeout`, `aborted` (taken back, cleared or closed), or why the worker could not do it.
   */
  commit(): Promise<Transcription>
  /**
   * Take back the last commit, whether its text has come or not: its audio goes in front of what came since, and the
   * next commit covers all of it. Without an id it is the last commit that is meant. Returns false where there is
   * nothing to take back (another commit or a clear came after it).
   */
  reopen(itemId?: string): boolean
  /** Forget the open audio and whatever could be taken back. Commits that wait for their text go on. */
  clear(): void
  close(): void
}

export type TakeBack = 'server' | 'client' | 'auto'

export interface SessionOptions {
  setUp: Record<string, unknown>
  maxKeptBytes: number
  finalTimeoutMs: number
  /** Whether the server knows `hotline.input_audio_buffer.reopen`; `auto` asks it and falls back. */
  takeBack: TakeBack
}

interface Commit {
  readonly eventId: string
  readonly audio: KeptAudio
  /** From the server; null until it has acknowledged the commit. */
  itemId: string | null
  /** On this connection: whether its audio has gone out, and whether the commit itself has. */
  audioSent: boolean
  sent: boolean
  readonly settle: (result: Transcription | InferenceError) => void
}

export interface SocketCallbacks {
  onOpen: () => void
  onText: (text: string) => void
  onDown: (error: InferenceError) => void
  onGone: (error: InferenceError | null) => void
}

const pieceBytes = 32 * 1024
const maxPendingCommits = 8
const reopenReplyMs = 500

/**
 * The session's logic, apart from its socket, which `connect` makes of the callbacks.
 *
 * The truth is what is kept here: `open`, the audio that is not committed, and `pending`, the commits without a text.
 * Whenever the server's state is in doubt (a new connection, a take-back that it does not know) `flush` brings it in
 * line by sending again what it must have.
 */
export function createTranscriptionSession(
  options: SessionOptions,
  connect: (callbacks: SocketCallbacks) => ReconnectingSocket,
): TranscriptionSession {
  const emitter = new EventEmitter<TranscriptionEvents>()
  const open = createKeptAudio(options.maxKeptBytes)
  /** Whether all that `open` holds has gone out on this connection. */
  let openSent = false
  /** Commits that wait for their text, in order. */
  let pending: Commit[] = []
  /** The commit that can be taken back. */
  let last: Commit | null = null
  /** Commits sent on this connection and not acknowledged yet, in order; those taken back are among them. */
  let unacknowledged: Commit[] = []
  /** A take-back that waits for the server's answer. Nothing is committed meanwhile. */
  let asked: { commit: Commit; eventId: string | null; timer: NodeJS.Timeout } | null = null
  /** The server's open buffer holds a part of what belongs there: emptying it and sending all is the way out. */
  let patchy = false
  let takeBack = options.takeBack
  let clearsUnderWay = 0
  let partial = { itemId: '', text: '' }
  let serverSendsPartials = false
  let ended = false
  /** Why it ended, unless it was closed from this side. */
  let endedBy: InferenceError | null = null
  let setUpEventId: string | null = null
  let serial = 0

  const nextEventId = (): string => `event_${++serial}`
  const send = (event: Record<string, unknown>): void => void socket.send(JSON.stringify(event))
  const sendPiece = (piece: Uint8Array): void =>
    send({
      type: 'input_audio_buffer.append',
      audio: Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('base64'),
    })
  const sendAudio = (audio: KeptAudio): void => {
    for (const piece of audio.pieces(pieceBytes)) sendPiece(piece)
  }
  const sendClear = (): void => {
    clearsUnderWay++
    send({ type: 'input_audio_buffer.clear', event_id: nextEventId() })
  }

  /** Send what is kept and has not gone out, in order. */
  const flush = (): void => {
    if (!socket.connected || asked !== null) return
    for (const commit of pending) {
      if (commit.sent) continue
      if (!commit.audioSent) sendAudio(commit.audio)
      commit.audioSent = true
      commit.sent = true
      unacknowledged.push(commit)
      send({ type: 'input_audio_buffer.commit', event_id: commit.eventId })
    }
    if (!openSent) sendAudio(open)
    openSent = true
  }

  /** The server's open buffer is not what it should be: empty it and send again. */
  const resend = (): void => {
    sendClear()
    for (const commit of pending) if (!commit.sent) commit.audioSent = false
    openSent = false
    patchy = false
    flush()
  }

  const settle = (commit: Commit, result: Transcription | InferenceError): void => {
    pending = pending.filter((other) => other !== commit)
    commit.settle(result)
  }

  const endAsking = (): void => {
    clearTimeout(asked?.timer)
    asked = null
  }

  const takeBackFailed = (): void => {
    if (takeBack === 'auto' && asked?.eventId) takeBack = 'client'
    endAsking()
    resend()
  }

  const askToReopen = (commit: Commit): void => {
    endAsking()
    const eventId = commit.itemId === null ? null : nextEventId()
    asked = { commit, eventId, timer: setTimeout(takeBackFailed, reopenReplyMs) }
    // Without an id yet, the acknowledgement that is under way brings us back here.
    if (eventId) send({ type: 'hotline.input_audio_buffer.reopen', item_id: commit.itemId, event_id: eventId })
  }

  const fail = (error: InferenceError): void => {
    if (emitter.listenerCount('error') > 0) emitter.emit('error', error)
  }

  const onPartial = (itemId: string, text: string): void => {
    const committed = itemId === last?.itemId || pending.some((commit) => commit.itemId === itemId)
    if (committed || asked !== null || unacknowledged.length > 0 || clearsUnderWay > 0) return
    partial = { itemId, text }
    emitter.emit('partial', text)
  }

  const onError = (eventId: string | null | undefined, code: string): void => {
    // A server that does not know the event may not say which one it means; then it is the one that waits.
    if (asked?.eventId && (eventId === asked.eventId || (!eventId && takeBack === 'auto'))) {
      takeBackFailed()
      return
    }
    if (eventId && eventId === setUpEventId) {
      // The server would take the audio for another format or language: no text at all is better than a wrong one.
      end(new InferenceError('refused', `the worker refused the session's settings: ${code}`))
      socket.close()
      return
    }
    const commit = unacknowledged.find((candidate) => candidate.eventId === eventId)
    if (commit === undefined) {
      fail(new InferenceError('refused', `the worker reported an error: ${code}`))
      return
    }
    unacknowledged = unacknowledged.filter((other) => other !== commit)
    if (code === 'input_audio_buffer_commit_empty') settle(commit, { itemId: '', text: '' })
    else settle(commit, new InferenceError('refused', `the worker refused the commit: ${code}`))
    // The audio of the commit is still in the server's open buffer.
    if (asked?.commit === commit) endAsking()
    resend()
  }

  const onEvent = (event: TranscriptionServerEvent): void => {
    switch (event.type) {
      case 'input_audio_buffer.committed': {
        const commit = unacknowledged.shift()
        if (commit === undefined) return
        commit.itemId = event.item_id
        if (asked?.commit === commit) askToReopen(commit)
        return
      }
      case 'input_audio_buffer.cleared':
        clearsUnderWay = Math.max(0, clearsUnderWay - 1)
        return
      case 'conversation.item.input_audio_transcription.completed': {
        const commit = pending.find((candidate) => candidate.itemId === event.item_id)
        if (commit) settle(commit, { itemId: event.item_id, text: event.transcript })
        return
      }
      case 'conversation.item.input_audio_transcription.failed': {
        const commit = pending.find((candidate) => candidate.itemId === event.item_id)
        const message = `the worker could not transcribe: ${event.error?.code ?? 'no code'}`
        if (commit) settle(commit, new InferenceError('bad_response', message, { retryable: true }))
        return
      }
      case 'conversation.item.input_audio_transcription.delta':
        if (!serverSendsPartials) {
          onPartial(event.item_id, (partial.itemId === event.item_id ? partial.text : '') + (event.delta ?? ''))
        }
        return
      case 'hotline.transcription.partial':
        serverSendsPartials = true
        onPartial(event.item_id, event.transcript)
        return
      case 'hotline.input_audio_buffer.reopened':
        if (asked === null || asked.commit.itemId !== event.item_id) return
        endAsking()
        takeBack = 'server'
        if (patchy) resend()
        else flush()
        return
      case 'error':
        onError(event.error.event_id, event.error.code ?? 'no code')
        return
    }
  }

  const end = (error: InferenceError | null): void => {
    if (ended) return
    ended = true
    endedBy = error
    endAsking()
    const reason = error ?? new InferenceError('aborted', 'the transcription session is closed')
    for (const commit of [...pending]) settle(commit, reason)
    last = null
    open.clear()
    emitter.emit('closed', error)
  }

  const socket = connect({
    onOpen() {
      unacknowledged = []
      clearsUnderWay = 0
      endAsking()
      for (const commit of pending) Object.assign(commit, { itemId: null, sent: false, audioSent: false })
      openSent = false
      patchy = false
      setUpEventId = nextEventId()
      send({ ...options.setUp, event_id: setUpEventId })
      flush()
    },
    onText(text) {
      const event = parseTranscriptionEvent(text)
      if (event === 'malformed')
        fail(new InferenceError('bad_response', 'the worker sent a frame that is not an event'))
      else if (event !== 'ignored') onEvent(event)
    },
    onDown(error) {
      endAsking()
      if (last) last.sent = false
      fail(error)
    },
    onGone: end,
  })

  return Object.assign(emitter, {
    append(audio: Uint8Array): void {
      if (ended || audio.length === 0) return
      open.append(audio)
      if (openSent && socket.connected) sendPiece(audio)
      else openSent = false
    },

    commit(): Promise<Transcription> {
      if (ended) {
        return Promise.reject(endedBy ?? new InferenceError('aborted', 'the transcription session is closed'))
      }
      if (open.bytes === 0) return Promise.resolve({ itemId: '', text: '' })
      if (pending.length >= maxPendingCommits) {
        return Promise.reject(new InferenceError('overloaded', `${pending.length} commits wait for their text already`))
      }
      return new Promise((resolve, reject) => {
        const audio = createKeptAudio(options.maxKeptBytes)
        audio.prepend(open)
        const timer = setTimeout(() => {
          settle(commit, new InferenceError('timeout', `no final text within ${options.finalTimeoutMs} ms`))
        }, options.finalTimeoutMs)
        const commit: Commit = {
          eventId: nextEventId(),
          audio,
          itemId: null,
          audioSent: openSent,
          sent: false,
          settle(result) {
            clearTimeout(timer)
            if (result instanceof InferenceError) reject(result)
            else resolve(result)
          },
        }
        pending.push(commit)
        last = commit
        openSent = false
        flush()
      })
    },

    reopen(itemId?: string): boolean {
      const commit = last
      if (ended || commit === null || (itemId !== undefined && itemId !== commit.itemId)) return false
      last = null
      settle(commit, new InferenceError('aborted', 'the commit was taken back'))
      const partlySent = commit.audioSent && !openSent && open.bytes > 0
      open.prepend(commit.audio)
      if (!socket.connected) openSent = false
      else if (commit.sent && takeBack !== 'client') askToReopen(commit)
      else if (asked === null) resend()
      else if (partlySent) patchy = true
      else openSent = commit.audioSent
      return true
    },

    clear(): void {
      if (ended) return
      last = null
      open.clear()
      partial = { itemId: '', text: '' }
      // Commits that are held back take all that the server has in its open buffer with them.
      if (!socket.connected || pending.some((commit) => !commit.sent)) return
      if (asked?.eventId === null) endAsking()
      sendClear()
      openSent = true
      patchy = false
    },

    close(): void {
      socket.close()
      end(null)
    },
  })
}
