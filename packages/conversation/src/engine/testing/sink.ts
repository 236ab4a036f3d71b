import type { EngineEvent, PlayedSegment } from '../event.js'

interface Item {
  responseId: string
  segmentId: string
  durationMs: number | null
  /** Length that will come and no more: the synthesiser got stuck. */
  starvesMs: number | null
  playedMs: number
  startedMs: number | null
}

/** A place where agent audio is played in order, in virtual time. */
export interface Sink {
  queue(responseId: string, segmentId: string): void
  audio(segmentId: string, durationMs: number, starves: boolean): void
  pause(paused: boolean): void
  clear(responseIds: string[]): PlayedSegment[]
  drop(responseId: string): void
  /** When each stretch of audible sound began and ended. */
  stretches: { segmentId: string; responseId: string; fromMs: number; toMs: number }[]
}

export function createSink(
  now: () => number,
  at: (ms: number, run: () => void) => void,
  report: (event: EngineEvent) => void,
): Sink {
  let items: Item[] = []
  let paused = false
  let playingSinceMs: number | null = null
  let version = 0
  const stretches: Sink['stretches'] = []

  const stop = (): void => {
    const head = items[0]
    version++
    if (playingSinceMs === null || head === undefined) return
    const lengthMs = Math.min(now() - playingSinceMs, (head.durationMs ?? 0) - head.playedMs)
    head.playedMs += lengthMs
    if (lengthMs > 0) {
      const { segmentId, responseId } = head
      stretches.push({ segmentId, responseId, fromMs: playingSinceMs, toMs: playingSinceMs + lengthMs })
    }
    playingSinceMs = null
  }
  const play = (): void => {
    const head = items[0]
    if (paused || playingSinceMs !== null || head === undefined || head.durationMs === null) return
    const { responseId, segmentId } = head
    playingSinceMs = now()
    const mine = ++version
    at(now() + head.durationMs - head.playedMs, () => {
      if (mine !== version) return
      stop()
      if (head.starvesMs !== null) return
      items.shift()
      report({ type: 'playout.finished', responseId, segmentId, atMs: now() })
      play()
    })
    if (head.startedMs !== null) return
    head.startedMs = now()
    report({ type: 'playout.started', responseId, segmentId, atMs: now() })
  }
  return {
    stretches,
    queue: (responseId, segmentId) =>
      items.push({ responseId, segmentId, durationMs: null, starvesMs: null, playedMs: 0, startedMs: null }),
    audio: (segmentId, durationMs, starves) => {
      const item = items.find((each) => each.segmentId === segmentId)
      if (item === undefined) return
      item.durationMs = durationMs
      item.starvesMs = starves ? durationMs : null
      play()
    },
    pause: (on) => {
      if (on) stop()
      paused = on
      if (!on) play()
    },
    clear: (responseIds) => {
      if (items[0] !== undefined && responseIds.includes(items[0].responseId)) stop()
      const doomed = items.filter(({ responseId }) => responseIds.includes(responseId))
      items = items.filter((item) => !doomed.includes(item))
      play()
      return doomed.map(({ responseId, segmentId, playedMs, durationMs, starvesMs }) => ({
        responseId,
        segmentId,
        playedMs: Math.floor(playedMs),
        totalMs: durationMs ?? 0,
        complete: durationMs !== null && starvesMs === null,
      }))
    },
    drop: (responseId) => {
      items = items.filter((item) => item.responseId !== responseId || item.durationMs !== null)
      play()
    },
  }
}
