import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSplitter, flushText, pushText, splitText } from './clauses.js'

/** Clauses of a text that comes in pieces of this size, each with the length of the text that had come by then. */
function stream(text: string, size = 1): { clause: string; seen: number }[] {
  const found: { clause: string; seen: number }[] = []
  let splitter = createSplitter()
  for (let at = 0; at < text.length; at += size) {
    const pushed = pushText(splitter, text.slice(at, at + size))
    splitter = pushed.splitter
    for (const clause of pushed.clauses) found.push({ clause, seen: Math.min(text.length, at + size) })
  }
  for (const clause of flushText(splitter).clauses) found.push({ clause, seen: text.length })
  return found
}
const clauses = (text: string, size = 1): string[] => stream(text, size).map(({ clause }) => clause)

test('the first clause waits for more than its comma', () => {
  const [first] = stream('I see what you mean, and I can help you with that.')
  expect(first).toEqual({ clause: 'I see what you mean,', seen: 20 })
})

test('a first clause without a mark waits for the end of a long sentence', () => {
  const text = 'We are open every day from nine in the morning until six in the evening on weekdays.'
  const [first, second] = clauses(text)
  expect(first).toBe('We are open every day')
  expect(second).toBe('from nine in the morning until six in the evening on weekdays.')
})

test('a first clause is one lonely word', () => {
  expect(clauses('Well, let me look that up for you, sir.')[0]).not.toBe('Well,')
})

test('later clauses are chopped at every comma', () => {
  expect(clauses('Good morning. We have red, green, blue, and yellow ones in stock.')).toEqual([
    'Good morning.',
    'We have red, green, blue, and yellow ones in stock.',
  ])
})

test('a short sentence is kept back', () => {
  expect(clauses('Yes. Certainly! Which one?')).toEqual(['Yes.', 'Certainly!', 'Which one?'])
})

test('abbreviations, decimals, addresses and initials are taken for sentence ends', () => {
  for (const text of [
    'Please see Dr. Smith tomorrow.',
    'It costs 3.50 euros.',
    'That is 1,000 people.',
    'Come at 5 p.m. on Monday.',
    'Write to help.desk@example.com please.',
    'Visit www.example.com/a.b today.',
    'Ask J. R. Miller.',
    'Apples, e.g. red ones.',
    'Version 2.0 is out.',
  ])
    expect(clauses(text).join(' | ')).toBe(text)
})

test('an abbreviation that does end its sentence is run over', () => {
  expect(clauses('We close at 5 p.m. Tomorrow we open at nine.')).toEqual([
    'We close at 5 p.m.',
    'Tomorrow we open at nine.',
  ])
})

test('Markdown and emoji are spoken', () => {
  expect(
    splitText('**Sure!** 😀 Here is a [link](https://example.com/a,b):\n\n- one _thing_\n- `two`\n\n## Last'),
  ).toEqual(['Sure!', 'Here is a link:', 'one thing', 'two', 'Last'])
  expect(splitText('5 * 3 is 15, snake_case stays')).toEqual(['5 * 3 is 15,', 'snake_case stays'])
})

test('a numbered list is torn from its numbers', () => {
  expect(splitText('Do this:\n1. Open it.\n2. Close it.')).toEqual(['Do this:', '1. Open it.', '2. Close it.'])
})

test('text without a mark or a space grows without bound', () => {
  const long = clauses('a'.repeat(2000), 7)
  expect(Math.max(...long.map(({ length }) => length))).toBeLessThanOrEqual(400)
  expect(long.join('')).toBe('a'.repeat(2000))
})

test('text without a word is spoken', () => {
  expect(splitText('... 😀 !!! **')).toEqual([])
})

const pieces = fc.constantFrom(
  'Well',
  ' yes',
  ', ',
  '. ',
  '! ',
  '? ',
  ' Dr. ',
  ' 3.50',
  ' and',
  ' to',
  '\n',
  ' "No,"',
  ' (or)',
  ' it',
  ' a',
)

test('however the text comes in pieces, no word is lost, doubled or moved', () => {
  const words = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? []
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (parts, size) => {
      const text = parts.join('')
      expect(words(clauses(text, size).join(' '))).toEqual(words(text))
    }),
    { numRuns: 1000 },
  )
})
