/**
 * One end of a TCP session, as a process of its own that a test can put into a namespace: `serve ADDRESS PORT` echoes; `connect
 * [FROM] ADDRESS PORT` sends each line of standard input and prints what comes back.
 */
import { connect, createServer } from 'node:net'

const [verb, ...rest] = process.argv.slice(2)
const port = Number(rest.at(-1))
const host = rest.at(-2) ?? ''

if (verb === 'serve') {
  createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(port, host, () =>
    process.stdout.write('listening\n'),
  )
} else {
  const from = rest.length > 2 ? { localAddress: rest[0] as string } : {}
  const socket = connect({ host, port, ...from })
  socket.on('connect', () => process.stdout.write('connected\n'))
  socket.on('error', (error) => process.stdout.write(`${error.message}\n`))
  socket.pipe(process.stdout)
  process.stdin.pipe(socket)
}
