/**
 * JSON as one line that is also harmless on a terminal: what is not a visible character is written as \uXXXX.
 *
 * JSON.stringify escapes less (not C1, not the marks that turn the writing direction). A reader of JSON gets the very same value.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu

export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(INVISIBLE, escapeUnits)
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  }).join('')
}
