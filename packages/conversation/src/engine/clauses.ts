import { isSpeakable, spokenText } from './markup.js'

/** Text that has come and has not been handed on yet. */
export interface ClauseSplitter {
  buffer: string
  /** The first clause goes out as early as it can be spoken; the ones behind it are larger. */
  first: boolean
}

const firstMarkWords = 2
const firstBreakWords = 7
const firstLimitWords = 12
const laterMarkWords = 8
const laterLimitWords = 30
const limitCharacters = 400
const marks = '.!?…,;:—–。！？，、；'

const titles = /(?:^|[\s("'“])(?:mr|mrs|ms|dr|prof|st|mt|rev|gen|sen|sgt|capt|vs|fig|no|approx|e\.g|i\.e|cf|ca)\.$/iu
const mayEnd = /(?:^|[\s("'“\d])(?:a\.m|p\.m|etc|inc|ltd|co|corp|jr|sr|ave|blvd|rd|dept|est|u\.s|u\.k|ph\.d)\.$/iu
const initial = /(?:^|[\s.])(?!I\.)\p{Lu}\.$/u
const natural =
  /^(?:and|but|or|so|because|since|which|who|that|while|when|where|if|unless|to|for|with|without|from|in|on|at|by|about|after|before|until|than|as|then)$/iu

export function createSplitter(): ClauseSplitter {
  return { buffer: '', first: true }
}

/** Takes more text and gives back the clauses that are whole now, cleaned for speech. */
export function pushText(splitter: ClauseSplitter, text: string): { splitter: ClauseSplitter; clauses: string[] } {
  return drain({ buffer: splitter.buffer + text, first: splitter.first }, false)
}

/** Gives back what is left, at the end of the text. */
export function flushText(splitter: ClauseSplitter): { splitter: ClauseSplitter; clauses: string[] } {
  const drained = drain(splitter, true)
  const rest = spokenText(drained.splitter.buffer)
  const clauses = isSpeakable(rest) ? [...drained.clauses, rest] : drained.clauses
  return { splitter: { buffer: '', first: drained.splitter.first && clauses.length === 0 }, clauses }
}

/** All clauses of a fixed text. */
export function splitText(text: string): string[] {
  return flushText({ buffer: text, first: true }).clauses
}

function drain(from: ClauseSplitter, last: boolean): { splitter: ClauseSplitter; clauses: string[] } {
  const clauses: string[] = []
  let { buffer, first } = from
  for (let end = nextCut(buffer, first, last); end > 0; end = nextCut(buffer, first, last)) {
    const clause = spokenText(buffer.slice(0, end))
    buffer = buffer.slice(end)
    if (!isSpeakable(clause)) continue
    clauses.push(clause)
    first = false
  }
  return { splitter: { buffer, first }, clauses }
}

/** Where the next clause ends in `text`; 0 while that cannot be told. */
function nextCut(text: string, first: boolean, last: boolean): number {
  const enough = first ? firstMarkWords : laterMarkWords
  const limit = first ? firstLimitWords : laterLimitWords
  let words = 0
  let breakAt = 0
  let inWord = false
  let wordStart = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (isSpace(char)) {
      if (char === '\n' && isSpeakable(text.slice(0, at))) return at + 1
      if (!inWord) continue
      inWord = false
      words++
      if (words > 4 && natural.test(text.slice(wordStart, at))) breakAt = wordStart
      if (insideLink(text, at)) continue
      if (first && words >= firstBreakWords && breakAt > 0) return breakAt
      if (words >= limit) return breakAt > 0 ? breakAt : at + 1
      continue
    }
    if (!inWord) wordStart = at
    inWord = true
    const end = markEnd(text, at, last)
    if (end === 'unknown') return 0
    if (end !== null && !insideLink(text, at) && (end.sentence || words + 1 >= enough)) return end.at
  }
  return text.length > limitCharacters ? safeCut(text, limitCharacters) : 0
}

function isSpace(char: string): boolean {
  return char <= ' ' || char === '\u00a0' || char === '\u2028' || char === '\u3000'
}

/** Judges the mark at `at`: no end, an end, or one that only the text behind it can decide. */
function markEnd(text: string, at: number, last: boolean): { at: number; sentence: boolean } | 'unknown' | null {
  const char = text[at] ?? ''
  if (!marks.includes(char)) return null
  if (/[。！？]/u.test(char)) return { at: at + 1, sentence: true }
  if (/[，、；]/u.test(char)) return { at: at + 1, sentence: false }
  const close = /^["'”’)\]*_]*/u.exec(text.slice(at + 1))?.[0].length ?? 0
  const next = text[at + 1 + close]
  const sentence = /[.!?…]/u.test(char)
  if (next === undefined) {
    // A letter and a comma or an exclamation mark need no look ahead, and an early clause is heard early.
    if (!last && close === 0 && /[,;!?]/u.test(char) && /\p{L}/u.test(text[at - 1] ?? '') && !/["“]/u.test(text))
      return { at: at + 1, sentence }
    return last ? { at: at + 1 + close, sentence } : 'unknown'
  }
  if (!/\s/u.test(next) && !/[—–]/u.test(char)) return null
  if (char !== '.') return { at: at + 1 + close, sentence }
  const before = text.slice(0, at + 1)
  if (titles.test(before) || initial.test(before) || /(?:^|\n)[ \t]*\d+\.$/u.test(before)) return null
  if (mayEnd.test(before)) {
    const follower = /\S/u.exec(text.slice(at + 1 + close))?.[0]
    if (follower === undefined) return last ? { at: at + 1 + close, sentence } : 'unknown'
    if (!/\p{Lu}/u.test(follower)) return null
  }
  return { at: at + 1 + close, sentence }
}

/** Whether a cut at `at` would tear a Markdown link apart. */
function insideLink(text: string, at: number): boolean {
  const open = text.lastIndexOf('[', at)
  if (open < 0 || at - open > limitCharacters / 2) return false
  const label = text.indexOf(']', open)
  if (label < 0 || label >= at) return true
  if (text[label + 1] !== '(') return false
  const close = text.indexOf(')', label)
  return close < 0 || close > at
}

/** A cut in text without breaks, never between the halves of one character. */
function safeCut(text: string, at: number): number {
  const code = text.charCodeAt(at - 1)
  return code >= 0xd800 && code <= 0xdbff ? at - 1 : at
}
