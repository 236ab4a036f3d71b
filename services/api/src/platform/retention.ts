import type { Log } from '@hotline/observability'
import { type ArtifactStore, type CallStore, reasonOf } from '@hotline/storage'
import { deleteCall } from '../calls/delete-call.js'

const SWEEP_EVERY_MS = 3_600_000
const BATCH = 100

/** Deletes calls that ended longer ago than `retentionMs`. Returns how many. */
export async function sweepCalls(
  deps: { calls: CallStore; artifacts: ArtifactStore },
  retentionMs: number,
  nowMs: number,
): Promise<number> {
  let removed = 0
  for (;;) {
    const ids = await deps.calls.endedBefore(nowMs - retentionMs, BATCH)
    for (const id of ids) await deleteCall(deps, id)
    removed += ids.length
    if (ids.length < BATCH) return removed
  }
}

/** Sweeps now and every hour. Returns its end. What callers said is personal data and is not kept for ever. */
export function startRetention(
  deps: { calls: CallStore; artifacts: ArtifactStore; log: Log },
  retentionMs: number,
): () => void {
  const sweep = async (): Promise<void> => {
    try {
      const removed = await sweepCalls(deps, retentionMs, Date.now())
      if (removed > 0) deps.log.info({ removed }, 'calls past their retention time were deleted')
    } catch (error) {
      deps.log.warn({ reason: reasonOf(error) }, 'calls past their retention time could not be deleted yet')
    }
  }
  void sweep()
  const timer = setInterval(sweep, SWEEP_EVERY_MS).unref()
  return () => clearInterval(timer)
}
