/**
 * What a page quotes, against what was said: numbers, times and ids may be others, words may not.
 *
 * Blocks are told by what stands behind their language: ```console run. A line that ends in `…` is cut there.
 */
export function notSaid(page: string, of: string, transcript: readonly string[]): string[] {
  const said = new Set(transcript.flatMap((text) => text.split('\n')).map(shape))
  return linesOf(page, of).filter((line) => {
    const wanted = shape(line)
    if (!wanted.endsWith('…')) return !said.has(wanted)
    return ![...said].some((one) => one.startsWith(wanted.slice(0, -1)))
  })
}

function linesOf(page: string, of: string): string[] {
  const blocks = [...page.matchAll(/^```console (\w+)\n(.*?)^```$/gms)]
  return blocks.filter(([, name]) => name === of).flatMap(([, , text = '']) => text.split('\n'))
}

function shape(line: string): string {
  return line
    .replace(/\b[0-9a-f]{16}\b/g, '#')
    .replace(/\b(\d+(ms|[smhd]))+\b/g, '#')
    .replace(/\d[\d.,:TZ-]*/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
}
