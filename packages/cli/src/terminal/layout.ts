/**
 * Layout: columns and wrapped lists of plain text.
 *
 * Everything here counts characters, so it must see text before it is coloured and after `safeText`.
 */

export function clip(text: string, width: number): string {
  if (text.length <= width) return text
  const kept = text.slice(0, Math.max(width - 1, 0))
  return `${kept.replace(/[\ud800-\udbff]$/, '')}…` // half a character is none
}

/** Joins words into lines of at most `width`, which end in the joint where more follows; a longer word stands alone, cut. */
export function wrap(words: readonly string[], width: number, joint: string = ' '): string[] {
  const lines: string[] = []
  const room = width - joint.trimEnd().length
  let line = ''
  for (const word of words) {
    const longer = line === '' ? word : `${line}${joint}${word}`
    if (longer.length <= room) {
      line = longer
      continue
    }
    if (line !== '') lines.push(`${line}${joint.trimEnd()}`)
    line = clip(word, room)
  }
  if (line !== '') lines.push(line)
  return lines
}

/** Sets blocks of lines beside each other, each `width` wide, `gap` apart. */
export function beside(blocks: readonly (readonly string[])[], width: number, gap: number = 3): string[] {
  const height = Math.max(0, ...blocks.map((block) => block.length))
  const rows: string[] = []
  for (let row = 0; row < height; row++) {
    const cells = blocks.map((block) => clip(block[row] ?? '', width).padEnd(width))
    rows.push(cells.join(' '.repeat(gap)).trimEnd())
  }
  return rows
}
