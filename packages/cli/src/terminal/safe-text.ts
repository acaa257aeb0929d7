/**
 * Text from outside, made harmless for a terminal.
 *
 * Log prefixes, reporters and file names are chosen by others: an escape sequence in one would move
 * the cursor or forge lines of the report. Whatever is not a visible character is spelled out. The
 * property (tested): the result holds no control, format, private or unassigned character.
 */

/** Control, format, surrogate, private use, unassigned; line and paragraph separators. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu

export function safeText(text: string): string {
  return text.replace(UNSAFE, spellOut)
}

function spellOut(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return `\\u{${code.toString(16)}}`
}
