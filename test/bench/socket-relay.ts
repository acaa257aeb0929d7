/**
 * Carries connections from one place to another: `socket-relay FROM TO`, each a port of loopback or the path of a socket.
 *
 * A path is seen from every network namespace and loopback is each one's own, so two of these give a process in a namespace the broker
 * outside, under the address that the broker says it has. They are processes of their own: whoever measures must not carry what he measures.
 */
import { createConnection, createServer, type NetConnectOpts } from 'node:net'

const [from = '', to = ''] = process.argv.slice(2)

function placeOf(text: string): NetConnectOpts {
  return /^\d+$/.test(text) ? { host: '127.0.0.1', port: Number(text) } : { path: text }
}

createServer((incoming) => {
  const outgoing = createConnection(placeOf(to))
  incoming.setNoDelay(true)
  outgoing.setNoDelay(true)
  incoming.on('error', () => outgoing.destroy()).pipe(outgoing)
  outgoing.on('error', () => incoming.destroy()).pipe(incoming)
}).listen(placeOf(from), () => console.log('listening'))
