import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.js'

describe('readConfig', () => {
  it('has a default for everything, on loopback', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      apiKey: undefined,
      redisUrl: 'redis://127.0.0.1:6379',
      databaseUrl: undefined,
    })
  })

  it('does not open to the network without a key', () => {
    expect(() => readConfig({ HOTLINE_HOST: '0.0.0.0' })).toThrow(/HOTLINE_API_KEY/)
    expect(() => readConfig({ HOTLINE_HOST: '0.0.0.0', HOTLINE_API_KEY: ' ' })).toThrow(ConfigError)
    expect(readConfig({ HOTLINE_HOST: '0.0.0.0', HOTLINE_API_KEY: 'k' }).apiKey).toBe('k')
  })

  it('names the setting that cannot be used', () => {
    expect(() => readConfig({ HOTLINE_PORT: 'http' })).toThrow(/HOTLINE_PORT/)
    expect(() => readConfig({ MEDIA_URL: '127.0.0.1:9000' })).toThrow(/MEDIA_URL/)
    expect(() => readConfig({ DATABASE_URL: 'mysql://x' })).toThrow(/DATABASE_URL/)
    expect(() => readConfig({ HOTLINE_RETENTION_DAYS: '-1' })).toThrow(/HOTLINE_RETENTION_DAYS/)
  })

  it('keeps calls for ever only when told so', () => {
    expect(readConfig({}).retentionMs).toBe(30 * 24 * 3_600_000)
    expect(readConfig({ HOTLINE_RETENTION_DAYS: '0' }).retentionMs).toBeNull()
  })
})
