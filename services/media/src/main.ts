import { createLog } from '@hotline/observability'
import { readConfig } from './process/config.js'
import { startMedia } from './process/media.js'

const config = (() => {
  try {
    return readConfig(process.env)
  } catch (error) {
    console.error(`media cannot start:\n${error instanceof Error ? error.message : error}`)
    process.exit(2)
  }
})()
const log = createLog({ service: 'media', level: config.logLevel })

const media = await startMedia(config, log).catch((error: unknown) => {
  log.fatal({ err: error }, 'media cannot start')
  process.exit(1)
})

// One call's fault must not end the others: say it loudly and go on.
process.on('uncaughtException', (error) => log.error({ err: error }, 'uncaught exception'))
process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'))

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal means now.
    if (stopping) process.exit(1)
    stopping = true
    media.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stop failed')
        process.exit(1)
      },
    )
  })
}
