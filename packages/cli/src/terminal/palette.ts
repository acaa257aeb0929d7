/**
 * Palette: the only place that writes escape sequences.
 *
 * A plain palette returns its text unchanged, so renderers have one code path, and width must be
 * computed before a text is coloured.
 */

export type Paint = (text: string) => string

export interface Palette {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly yellow: Paint
  readonly green: Paint
  readonly cyan: Paint
  readonly magenta: Paint
}

const ESC = String.fromCharCode(27)

function sgr(open: number, close: number): Paint {
  return (text) => (text === '' ? '' : `${ESC}[${open}m${text}${ESC}[${close}m`)
}

export const COLOURED: Palette = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  yellow: sgr(33, 39),
  green: sgr(32, 39),
  cyan: sgr(36, 39),
  magenta: sgr(35, 39),
}

const unchanged: Paint = (text) => text

export const PLAIN: Palette = {
  bold: unchanged,
  dim: unchanged,
  red: unchanged,
  yellow: unchanged,
  green: unchanged,
  cyan: unchanged,
  magenta: unchanged,
}

export interface ColourHints {
  readonly isTTY: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** False when --no-color was given. */
  readonly wanted: boolean
}

/** The command line wins over FORCE_COLOR, FORCE_COLOR over NO_COLOR, both over what the stream is. */
export function hasColour({ isTTY, env, wanted }: ColourHints): boolean {
  if (!wanted) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  return isTTY && env['TERM'] !== 'dumb'
}

export function paletteFor(hints: ColourHints): Palette {
  return hasColour(hints) ? COLOURED : PLAIN
}
