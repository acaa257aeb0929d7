/**
 * What runs on a host beside Picket: an echo service, and the way to the fleet's servers.
 *
 * `host-process PORT [SERVER-PORT=SOCKET …]`. A namespace has no link to the machine's own loopback, where broker, Redis and mail server
 * listen; so their ports are served here, and led through unix sockets, which belong to no network.
 */
import { connect, createServer, type Socket } from 'node:net'

const [port, ...ways] = process.argv.slice(2)

const servers = [
  createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(Number(port), '::'),
  ...ways.map((way) => {
    const [server, path = ''] = way.split('=')
    return createServer((socket) => join(socket, connect(path))).listen(Number(server), '127.0.0.1')
  }),
]
await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
process.stdout.write('ready\n')
process.on('disconnect', () => process.exit(0))

/** Ends with the first that ends. */
function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => undefined).on('close', () => to.destroy())
    from.pipe(to)
  }
}
