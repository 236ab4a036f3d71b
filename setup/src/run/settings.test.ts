import { describe, expect, it } from 'vitest'
import { readRunSettings } from './settings.js'

describe('run settings', () => {
  it('an open address without a key is refused, and with one it is not', () => {
    expect(() => readRunSettings({ HOTLINE_HOST: '0.0.0.0' })).toThrow('without a key')
    expect(readRunSettings({ HOTLINE_HOST: '0.0.0.0', HOTLINE_API_KEY: 'k' }).host).toBe('0.0.0.0')
    expect(readRunSettings({ HOTLINE_HOST: '127.1.2.3' }).host).toBe('127.1.2.3')
  })

  it('an empty variable counts as unset', () => {
    expect(readRunSettings({ HOTLINE_PORT: '', REDIS_URL: ' ' })).toMatchObject({ httpPort: 8080, redisUrl: undefined })
  })

  it.each([
    ['HOTLINE_PORT', '80a'],
    ['HOTLINE_SIP_PORT', '70000'],
    ['HOTLINE_RTP_PORTS', '29999-20000'],
    ['HOTLINE_RTP_PORTS', '20000'],
    ['SIP_SIGNALING', 'kamailio'],
    ['HOTLINE_HOST', 'my machine'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => readRunSettings({ [name]: value })).toThrow(name)
  })
})
