import type { ChatMessage } from './effect.js'
import type { EngineSettings } from './settings.js'
import type { HistoryItem } from './state.js'

/**
 * Adds what was said or heard. What one side says twice in a row becomes one message, so that roles alternate; all
 * that came earlier stays as it is, which keeps the prompt's prefix cached. Over the limit the older half goes in
 * one piece, for the same reason.
 */
export function appendHistory(history: HistoryItem[], item: HistoryItem, maxMessages: number): HistoryItem[] {
  const text = item.text.trim()
  if (text === '') return history
  const last = history.at(-1)
  if (last?.role === item.role) return [...history.slice(0, -1), { role: item.role, text: `${last.text} ${text}` }]
  const next = [...history, { role: item.role, text }]
  if (next.length <= Math.max(2, maxMessages)) return next
  const kept = next.slice(-Math.max(2, Math.floor(maxMessages / 2)))
  return kept[0]?.role === 'assistant' && kept.length > 1 ? kept.slice(1) : kept
}

/** The prompt for a reply to `userText`: instructions, what was heard so far, and what the caller has just said. */
export function promptMessages(settings: EngineSettings, history: HistoryItem[], userText: string): ChatMessage[] {
  const items = appendHistory(history, { role: 'user', text: userText }, settings.limits.maxHistoryMessages)
  return [
    { role: 'system', content: settings.instructions },
    ...items.map(({ role, text }): ChatMessage => ({ role, content: text })),
  ]
}

/** The words of `text` that were heard in full when `playedMs` of `totalMs` had been sent; rounds down to a word. */
export function heardText(text: string, playedMs: number, totalMs: number): string {
  if (!(playedMs > 0)) return ''
  if (playedMs >= totalMs) return text
  const length = Math.floor((text.length * playedMs) / totalMs)
  if (length >= text.length) return text
  if (/\s/u.test(text[length] ?? '')) return text.slice(0, length).trimEnd()
  const space = text.slice(0, length).search(/\s\S*$/u)
  return space < 0 ? '' : text.slice(0, space).trimEnd()
}
