/**
 * Text as it is spoken: Markdown, emoji and line breaks taken out, words and sentence marks kept. A link keeps its
 * label, a table cell its text.
 */
export function spokenText(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/gu, '$1')
    .replace(/^[ \t]*(?:#{1,6}|[-+•*]|>)[ \t]+/gmu, '')
    .replace(/^[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*$/gmu, '')
    .replace(/[`~|]+/gu, ' ')
    .replace(/(?<![\s*])\*+|\*+(?![\s*])/gu, '')
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, '')
    .replace(/\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0e|\ufe0f|\u20e3/gu, ' ')
    .replace(/\s+/gu, ' ')
    .replace(/ +([,.;:!?…])(?=\s|$)/gu, '$1')
    .trim()
}

/** Whether there is anything to pronounce. */
export function isSpeakable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text)
}
