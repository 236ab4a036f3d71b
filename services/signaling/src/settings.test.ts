import { expect, it } from 'vitest'
import { readSettings } from './settings.js'

it('starts on loopback with the usual ports when nothing is set', () => {
  expect(readSettings({})).toEqual({ host: '127.0.0.1', sipPort: 5060, drachtioPort: 9022, secret: 'cymru' })
})

it('names the variable when a port makes no sense', () => {
  expect(() => readSettings({ HOTLINE_SIP_PORT: '506O' })).toThrow(/HOTLINE_SIP_PORT/)
  expect(() => readSettings({ DRACHTIO_PORT: '70000' })).toThrow(/DRACHTIO_PORT/)
})
