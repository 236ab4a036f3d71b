import { describe, expect, it } from 'vitest'
import { createLog } from './log.js'

function captured(level?: string): { lines: Record<string, unknown>[]; log: ReturnType<typeof createLog> } {
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  return { lines, log: createLog({ service: 'test', destination, ...(level === undefined ? {} : { level }) }) }
}

describe('createLog', () => {
  it('keeps what a caller said, who they are and keys out of the log at three depths', () => {
    const { lines, log } = captured()
    log.info({ text: 'my card is 4111', event: { transcript: 'my card', caller: { from: '+4930123' } } }, 'heard')
    log.info({ request: { headers: { authorization: 'Bearer s3cret' } } }, 'request')
    const all = JSON.stringify(lines)
    expect(all).not.toMatch(/4111|my card|4930123|s3cret/)
    expect(all).toContain('[private]')
  })

  it('names the service and the level in words on every line', () => {
    const { lines, log } = captured()
    log.warn({ callId: 'c1' }, 'slow')
    expect(lines[0]).toMatchObject({ service: 'test', level: 'warn', callId: 'c1', msg: 'slow' })
  })

  it('writes nothing below its level', () => {
    const { lines, log } = captured('error')
    log.info('quiet')
    log.error('loud')
    expect(lines).toHaveLength(1)
  })
})
