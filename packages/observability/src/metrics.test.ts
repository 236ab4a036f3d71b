import { describe, expect, it } from 'vitest'
import { createGauge, createRegistry, createTurnMetrics, metricsText } from './metrics.js'

describe('metrics', () => {
  it('exports turns in seconds though records keep them in ms', async () => {
    const registry = createRegistry({ service: 'api' })
    createTurnMetrics(registry).turn(1250, { endpointing: 450, tts_first_audio: 800 })
    const { body } = await metricsText(registry)
    expect(body).toMatch(/hotline_turn_latency_seconds_sum\{service="api"\} 1.25/)
    expect(body).toMatch(/hotline_turn_stage_seconds_sum\{service="api",stage="endpointing"\} 0.45/)
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds')
  })

  it('survives a gauge whose source is away', async () => {
    const registry = createRegistry({ service: 'api' })
    createGauge(registry, {
      name: 'hotline_active_calls',
      help: 'Calls in progress.',
      read: () => {
        throw new Error('database is away')
      },
    })
    await expect(metricsText(registry)).resolves.toBeDefined()
  })
})
