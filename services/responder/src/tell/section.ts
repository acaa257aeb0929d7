/** Section: a part of a mail before it is text or HTML. Its texts are safe for a terminal, and not escaped for HTML. */
export interface Section {
  readonly title: string
  /** Label and value. */
  readonly facts?: readonly (readonly [string, string])[]
  readonly sentences?: readonly string[]
  /** Lines of monospaced text. */
  readonly quoted?: readonly string[]
}
