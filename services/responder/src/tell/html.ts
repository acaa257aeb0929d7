/**
 * HTML by a tagged template that escapes what is put in; only what `html` itself made goes in as it is.
 *
 * Escaped for text and for double-quoted attributes. Never put a value anywhere else (a style, a script, an address of a link).
 */
export class Html {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

export function html(
  texts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  return new Html(texts.reduce((page, text, at) => page + filled(values[at - 1]) + text))
}

function filled(value: string | Html | readonly Html[] | undefined): string {
  if (value instanceof Html) return value.toString()
  return typeof value === 'string' ? escapeHtml(value) : (value ?? []).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
