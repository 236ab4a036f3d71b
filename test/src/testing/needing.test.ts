import { expect, it } from 'vitest'
import { lackOf } from './needing.js'

it('a missing caller is not named, or not with what installs it', () => {
  expect(lackOf('baresip', '/nowhere')).toMatch(/baresip is not installed .*baresip-core/)
})
