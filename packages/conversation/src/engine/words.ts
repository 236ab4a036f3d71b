/** What words over the agent's speech mean. */
export type Verdict = 'none' | 'backchannel' | 'stop' | 'words'

const stopPhrases = ['stop', 'wait', 'no', 'hold on', 'hang on', 'one moment', 'excuse me', 'be quiet', 'shut up']

/** Lower case, no punctuation, single spaces: what two transcripts are compared by. */
export function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/[’‘]/gu, "'")
    .replace(/[^\p{L}\p{N}'\s]+/gu, ' ')
    .replace(/(?<![\p{L}\p{N}])'|'(?![\p{L}\p{N}])/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
}

/** Number of words in a transcript. */
export function countWords(text: string): number {
  const plain = plainWords(text)
  return plain === '' ? 0 : plain.split(' ').length
}

/** Whether a partial text goes beyond `known`, case and punctuation aside. A partial may lag behind what is known. */
export function goesBeyond(partial: string, known: string): boolean {
  const plain = plainWords(partial)
  return plain !== plainWords(known) && plain !== '' && countWords(partial) >= countWords(known)
}

/** Whether two texts have the same first word. The first partial of a cough or an "mhm" is often a guess ("You"). */
export function beginAlike(one: string, other: string): boolean {
  const [first] = plainWords(one).split(' ')
  return first !== '' && first === plainWords(other).split(' ')[0]
}

/** Whether a final text says something else than `known`, case and punctuation aside. No text says nothing. */
export function differs(final: string, known: string): boolean {
  const plain = plainWords(final)
  return plain !== '' && plain !== plainWords(known)
}

/** Judges the caller's words by themselves: nothing, only backchannels, a call to stop, or something to answer. */
export function judgeWords(text: string, backchannels: readonly string[]): Verdict {
  const plain = plainWords(text)
  if (plain === '') return 'none'
  if (isMadeOf(plain, backchannels)) return 'backchannel'
  return stopPhrases.some(
    (phrase) => plain === phrase || plain.startsWith(`${phrase} `) || plain.endsWith(` ${phrase}`),
  )
    ? 'stop'
    : 'words'
}

/** Whether `plain` is a sequence of the phrases ("yeah right", "mhm mhm"). */
function isMadeOf(plain: string, phrases: readonly string[]): boolean {
  const known = phrases.map(plainWords).filter((phrase) => phrase !== '')
  const reachable = new Set([0])
  for (let at = 0; at < plain.length; at++) {
    if (!reachable.has(at)) continue
    for (const phrase of known) {
      const end = at + phrase.length
      if (!plain.startsWith(phrase, at)) continue
      if (end === plain.length) return true
      if (plain[end] === ' ') reachable.add(end + 1)
    }
  }
  return false
}
