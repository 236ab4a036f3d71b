import { describe, expect, it } from 'vitest'
import { mergeExpositions } from './exposition.js'
import { createCallMetrics, createRegistry, createTurnMetrics, metricsText } from './metrics.js'

describe('mergeExpositions', () => {
  it('does not write a family twice when two processes export it, which a scraper rejects', async () => {
    const texts: string[] = []
    for (const service of ['api', 'media']) {
      const registry = createRegistry({ service })
      createTurnMetrics(registry).turn(900, { endpointing: 500, egress: 400 })
      createCallMetrics(registry).ended('caller_hangup')
      texts.push((await metricsText(registry)).body)
    }
    const merged = mergeExpositions(texts)
    expect(merged.match(/^# TYPE hotline_turn_stage_seconds /gm)).toHaveLength(1)
    expect(merged).toMatch(/hotline_calls_ended_total\{.*cause="caller_hangup".*service="api".*\} 1/)
    expect(merged).toMatch(/hotline_calls_ended_total\{.*cause="caller_hangup".*service="media".*\} 1/)
    const stageCounts = merged.split('\n').filter((line) => line.startsWith('hotline_turn_stage_seconds_count'))
    expect(stageCounts).toHaveLength(4)
    // All samples of a family stand together, below its one header.
    const lines = merged.split('\n').map((line) => line.includes('hotline_turn_latency_seconds'))
    expect(lines.lastIndexOf(true) - lines.indexOf(true) + 1).toBe(lines.filter(Boolean).length)
  })

  it('keeps a repeated sample once and passes over what is not a sample', () => {
    expect(mergeExpositions(['# a remark\na 1\n', 'a 2\nnot a sample\n<html>'])).toBe('a 1\n')
  })
})
