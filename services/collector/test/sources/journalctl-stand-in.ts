/**
 * Stands in for journalctl where a test needs a journal: a real process that prints the lines of a file
 * as `journalctl -o json` prints entries, from a cursor on, and follows it. A line `DIE` ends it.
 */
import { readFileSync } from 'node:fs'

const [file = '', ...args] = process.argv.slice(2)
const isFollowing = args.includes('-f')
const after = args.find((arg) => arg.startsWith('--after-cursor='))?.split('=')[1]
const tail = args.includes('-n') ? Number(args[args.indexOf('-n') + 1]) : undefined

function entries(): string[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1)
}

function print(at: number, text: string): void {
  process.stdout.write(`${JSON.stringify({ __CURSOR: `c${at}`, MESSAGE: text, _TRANSPORT: 'kernel' })}\n`)
}

if (file.endsWith('denied')) {
  process.stderr.write('No journal files were opened due to insufficient permissions.\n')
  process.exitCode = 1
} else {
  let next =
    after === undefined
      ? entries().length - Math.min(tail ?? 0, entries().length)
      : Number(after.slice(1)) + 1
  const look = (): void => {
    const all = entries()
    for (; next < all.length; next++) {
      const text = all[next] as string
      if (text === 'DIE' && isFollowing) {
        print(next, text)
        process.exit(1)
      }
      print(next, text)
    }
  }
  look()
  if (isFollowing) setInterval(look, 5)
}
