/**
 * The document as JSON text: a line for each field, and one for each incident and each file.
 *
 * It comes in pieces, so that a log with ten thousand scanners is not held as one text; and a line
 * for each incident is what grep and diff can work with.
 */

/** Characters that are gathered before they are handed on. */
const PIECE = 1 << 16

export function* jsonPieces(document: object): Generator<string, void> {
  let piece = ''
  for (const part of jsonParts(document)) {
    piece += part
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

function* jsonParts(document: object): Generator<string, void> {
  let before = '{\n'
  for (const [name, value] of Object.entries(document)) {
    if (value === undefined) continue
    yield `${before}  ${JSON.stringify(name)}: `
    if (isListOfObjects(value)) yield* entries(value)
    else yield JSON.stringify(value)
    before = ',\n'
  }
  yield '\n}\n'
}

function* entries(list: readonly object[]): Generator<string, void> {
  let before = '[\n'
  for (const entry of list) {
    yield `${before}    ${JSON.stringify(entry)}`
    before = ',\n'
  }
  yield '\n  ]'
}

function isListOfObjects(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.length > 0 && typeof value[0] === 'object'
}
