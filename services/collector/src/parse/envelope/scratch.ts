/**
 * Scratch: the one buffer into which a line is rewritten when its bytes cannot be read in place.
 *
 * It is reused for every line and grows to the longest, which the line limit bounds.
 */
export class Scratch {
  bytes: Uint8Array = new Uint8Array(4096)
  length = 0

  clear(): void {
    this.length = 0
  }

  push(byte: number): void {
    if (this.length === this.bytes.length) this.grow()
    this.bytes[this.length++] = byte
  }

  word(text: string): void {
    for (let i = 0; i < text.length; i++) this.push(text.charCodeAt(i))
  }

  /** Copies [start, end) as it stands. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) this.push(bytes[at] as number)
  }

  /** Copies without the escape sequences that colour a terminal (ECMA-48 CSI). */
  copyPlain(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end) {
      if (bytes[at] === 27 && at + 1 < end && bytes[at + 1] === 91 /* [ */) {
        at += 2
        while (at < end && ((bytes[at] as number) < 64 || (bytes[at] as number) > 126)) at++
        at++
      } else this.push(bytes[at++] as number)
    }
  }

  hexDigits(value: number, digits: number): void {
    for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      const digit = (value >>> shift) & 15
      this.push(digit < 10 ? 48 + digit : 87 + digit)
    }
  }

  private grow(): void {
    const wider = new Uint8Array(this.bytes.length * 2)
    wider.set(this.bytes)
    this.bytes = wider
  }
}
