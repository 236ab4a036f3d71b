import { expect, it } from 'vitest'
import { PhraseCache } from './phrase-cache.js'

const phrase = (text: string) => ({ text, voice: 'joe', speed: 1 })

it('does not give one voice the audio of another', () => {
  const cache = new PhraseCache()
  cache.set(phrase('Hello.'), new Int16Array(10))
  expect(cache.get({ ...phrase('Hello.'), voice: 'af' })).toBeUndefined()
  expect(cache.get({ ...phrase('Hello.'), speed: 1.2 })).toBeUndefined()
  expect(cache.get(phrase('Hello.'))?.length).toBe(10)
})

it('stays within its bytes, the least recently used out first', () => {
  const cache = new PhraseCache(500)
  cache.set(phrase('a'), new Int16Array(100))
  cache.set(phrase('b'), new Int16Array(100))
  cache.get(phrase('a'))
  cache.set(phrase('c'), new Int16Array(100))
  expect([cache.has(phrase('a')), cache.has(phrase('b')), cache.has(phrase('c'))]).toEqual([true, false, true])
})
