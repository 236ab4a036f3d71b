import type { CallMetrics, TurnMetrics } from '@hotline/observability'
import type { ArtifactStore, CallEvent, CallStore } from '@hotline/storage'
import type { CallFeed } from '../calls/call-feed.js'

export interface IngestDeps {
  calls: CallStore
  artifacts: ArtifactStore
  feed: CallFeed
  turnMetrics: TurnMetrics
  callMetrics: CallMetrics
}

/** What is done with a batch of call events: stored, then counted and announced, each once. */
export function createIngest({ calls, artifacts, feed, turnMetrics, callMetrics }: IngestDeps) {
  return async (events: CallEvent[]): Promise<void> => {
    const { inserted, orphanArtifacts } = await calls.store(events)
    // Recordings that became ready after their call was deleted.
    for (const key of orphanArtifacts) await artifacts.remove(key)
    for (const { event } of inserted) {
      if (event.type === 'turn.completed') turnMetrics.turn(event.latency_ms, event.stages)
      else if (event.type === 'call.started') callMetrics.started()
      else if (event.type === 'call.ended') callMetrics.ended(event.cause)
    }
    feed.announce(new Set(inserted.map(({ call_id }) => call_id)))
  }
}
