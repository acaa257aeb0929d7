/**
 * RowStore: rows of int32 words of some forty lengths, side by side in pages of 64 KiB.
 *
 * A typed array of its own costs a source some 300 bytes and three cache lines before its first word. All rows of a page
 * are of one length, and a page without rows serves any length, so what sources outgrow is not lost.
 */

/** Where a row lies now; it moves when it grows. Its first word is the store's. */
export interface Row {
  words: Int32Array
  base: number
}

interface Page {
  readonly words: Int32Array
  /** Of its rows. */
  length: number
  /** Where the rows begin that were never given. */
  unused: number
  /** Rows given back. */
  readonly free: number[]
  rows: number
}

export const NO_WORDS: Int32Array = new Int32Array(1)

const PAGE_WORDS = 1 << 14
/** A row's first word: its length, and its page above. */
const PAGE_SHIFT = 12
const LENGTH = (1 << PAGE_SHIFT) - 1

/** In words; more than was asked for, perhaps. */
export function lengthOf(row: Row): number {
  return (row.words[row.base] as number) & LENGTH
}

export class RowStore {
  private readonly pages: Page[] = []
  /** Pages without rows, by number. */
  private readonly empty: number[] = []
  /** Numbers of the pages that have room, by the length of their rows / 8. */
  private readonly open: number[][] = []

  /** Gives `row` at least `length` words (2,048 at most), all 0 but the first. Does not give back what it had. */
  allocate(row: Row, length: number): void {
    const rounded = roundUp(length)
    const open = this.openPages(rounded)
    const number = open.length > 0 ? (open[open.length - 1] as number) : this.newPage(rounded, open)
    const page = this.pages[number] as Page
    const base = page.free.length > 0 ? (page.free.pop() as number) : page.unused
    if (base === page.unused) page.unused += rounded
    page.rows++
    if (isFull(page)) open.pop()
    row.words = page.words
    row.base = base
    page.words.fill(0, base, base + rounded)
    page.words[base] = (number << PAGE_SHIFT) | rounded
  }

  release(words: Int32Array, base: number): void {
    const number = (words[base] as number) >>> PAGE_SHIFT
    const page = this.pages[number] as Page
    const open = this.openPages(page.length)
    if (isFull(page)) open.push(number)
    page.free.push(base)
    page.rows--
    // The last open page of a length stays, lest one row that comes and goes take a page each time.
    if (page.rows > 0 || open.length < 2) return
    open.splice(open.indexOf(number), 1)
    this.empty.push(number)
  }

  private openPages(length: number): number[] {
    while (this.open.length <= length >>> 3) this.open.push([])
    return this.open[length >>> 3] as number[]
  }

  private newPage(length: number, open: number[]): number {
    const number = this.empty.pop() ?? this.pages.length
    const page = this.pages[number]
    if (page === undefined) {
      this.pages.push({ words: new Int32Array(PAGE_WORDS), length, unused: 0, free: [], rows: 0 })
    } else {
      page.length = length
      page.unused = 0
      page.free.length = 0
    }
    open.push(number)
    return number
  }
}

function isFull(page: Page): boolean {
  return page.free.length === 0 && page.unused + page.length > PAGE_WORDS
}

/** Eight lengths between one power of two and the next. */
function roundUp(length: number): number {
  const step = Math.max(8, 1 << (28 - Math.clz32(length | 8)))
  return (length + step - 1) & -step
}
