/**
 * Safe text: what a stranger wrote, made harmless for a terminal, a log line or a mail subject.
 *
 * Control characters, line and paragraph separators and the characters that turn the writing direction
 * become `\xNN` or `\uNNNN`, so text can neither move the cursor, nor forge a second line, nor read
 * backwards. It is not an HTML escape.
 */
const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f'
const INVISIBLE = '\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb'
const LONE_SURROGATE = '\\ud800-\\udfff'
const HARMFUL = new RegExp(`[${CONTROL}${INVISIBLE}${LONE_SURROGATE}]`, 'gu')

export function safeText(text: string, maxLength = 400): string {
  const safe = text.replace(HARMFUL, escaped)
  return safe.length > maxLength ? `${safe.slice(0, maxLength - 1)}…` : safe
}

function escaped(character: string): string {
  const code = character.charCodeAt(0)
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
