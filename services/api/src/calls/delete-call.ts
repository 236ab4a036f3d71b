import type { ArtifactStore, CallStore } from '@hotline/storage'

/** Removes a call's recording and then its record, so that a failure in between leaves something to try again with. */
export async function deleteCall(
  { calls, artifacts }: { calls: CallStore; artifacts: ArtifactStore },
  id: string,
): Promise<void> {
  const key = await calls.recordingKey(id)
  if (key !== null) await artifacts.remove(key)
  await calls.remove(id)
}
