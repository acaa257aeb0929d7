/**
 * Safe text: what a stranger wrote, made harmless for a terminal, a log line or a mail subject.
 *
 * Log prefixes, reporters and file names are chosen by others: an escape sequence in one would move the
 * cursor or forge lines. Whatever is not a visible character is spelled out. The property (tested): the
 * result holds no control, format, private or unassigned character. It is not an HTML escape.
 */

/** Control, format, surrogate, private use, unassigned; line and paragraph separators. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu
const HALF = /[\ud800-\udbff]$/

/** At most `maxLength` characters, the last of them an ellipsis when something was cut. */
export function safeText(text: string, maxLength: number = Number.POSITIVE_INFINITY): string {
  const safe = text.replace(UNSAFE, spellOut)
  if (safe.length <= maxLength) return safe
  // Half of a pair would be an unsafe character of our own making
  return `${safe.slice(0, maxLength - 1).replace(HALF, '')}…`
}

function spellOut(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return `\\u{${code.toString(16)}}`
}
