import { createLog } from '@hotline/observability'
import { FolderInUseError, NewerDatabaseError, reasonOf } from '@hotline/storage'
import { ConfigError, readConfig } from './config.js'
import { startApi } from './platform/service.js'

/** How long a clean end may take before the process leaves anyway. */
const SHUTDOWN_MS = 10_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const log = createLog({ service: 'api', level: config.logLevel })
  const service = await startApi(config, log)
  log.info({ address: service.address }, 'listening')
  let ending = false
  const end = async (signal: string): Promise<void> => {
    if (ending) return
    ending = true
    log.info({ signal }, 'ending')
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref()
    await service.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void end('SIGTERM'))
  process.on('SIGINT', () => void end('SIGINT'))
}

/** What to tell the person who started this, and what to do about it where that is known. */
function complaint(error: unknown): string {
  if (error instanceof ConfigError || error instanceof FolderInUseError || error instanceof NewerDatabaseError) {
    return error.message
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `port ${process.env.HOTLINE_PORT ?? '8080'} is in use: set HOTLINE_PORT to another`
  }
  return reasonOf(error)
}

main().catch((error: unknown) => {
  process.stderr.write(`api: ${complaint(error)}\n`)
  process.exit(1)
})
