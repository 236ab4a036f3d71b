const LOOK_EVERY_MS = 1000

/**
 * npm does not hand a SIGTERM on to what it runs: it dies, and the program would live on without anybody who can stop
 * it. Under npm, calls `onOrphaned` once when the parent has gone. Returns how to stop watching.
 */
export function watchParent(
  env: NodeJS.ProcessEnv,
  onOrphaned: () => void,
  parent: () => number = () => process.ppid,
): () => void {
  if (!env.npm_lifecycle_event) return () => {}
  const first = parent()
  const timer = setInterval(() => {
    if (parent() === first) return
    clearInterval(timer)
    onOrphaned()
  }, LOOK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
