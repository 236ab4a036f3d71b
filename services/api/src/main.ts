import { createLog } from '@hotline/observability'
import { reasonOf } from '@hotline/storage'
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

main().catch((error: unknown) => {
  const say =
    error instanceof ConfigError || !(error instanceof Error) ? String(error) : `${error.name}: ${reasonOf(error)}`
  process.stderr.write(`api: ${say}\n`)
  process.exit(1)
})
