/**
 * Words: growable rows of int32 values.
 *
 * Up to 64 words they are a plain array: V8 holds int32 there unboxed, and the fixed cost of a typed array
 * (some 200 bytes) is more than most sources are worth. Values must be int32, or the array turns to doubles.
 */
export type Words = number[] | Int32Array

const LARGEST_PLAIN = 64

export function newWords(length: number): Words {
  if (length > LARGEST_PLAIN) return new Int32Array(length)
  return new Array<number>(length).fill(0)
}

/** The same words with room for `length`. */
export function growWords(words: Words, length: number): Words {
  const grown = newWords(length)
  for (let i = 0; i < words.length; i++) grown[i] = words[i] as number
  return grown
}

/** Rows of equal length, word by word. */
export function compareWords(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((word, i) => word !== b[i])
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number)
}
