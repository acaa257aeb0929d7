/**
 * TCP clients outside, as one process that the test tells what to do: each `open` is a session from an address of its own.
 *
 * It says what comes of it, in the order in which it happens; a connection that hangs says nothing.
 */
import { connect, type Socket } from 'node:net'

export type Order =
  | {
      readonly do: 'open'
      readonly id: number
      readonly from: string
      readonly to: string
      readonly port: number
    }
  | { readonly do: 'send'; readonly id: number; readonly text: string }
  | { readonly do: 'close'; readonly id: number }

export interface Event {
  readonly id: number
  readonly what: 'connected' | 'received' | 'failed'
  readonly text: string
}

const sockets = new Map<number, Socket>()

process.on('message', (order: Order) => {
  if (order.do === 'open') open(order)
  else if (order.do === 'send') sockets.get(order.id)?.write(order.text)
  else sockets.get(order.id)?.destroy()
})
process.on('disconnect', () => process.exit(0))
process.stdout.write('ready\n')

function open({ id, from, to, port }: Order & { do: 'open' }): void {
  const socket = connect({ host: to, port, localAddress: from }).setEncoding('utf8').setNoDelay()
  sockets.set(id, socket)
  const say = (what: Event['what'], text = ''): void => void process.send?.({ id, what, text })
  socket.on('connect', () => say('connected'))
  socket.on('data', (text: string) => say('received', text))
  socket.on('error', ({ message }) => say('failed', message))
}
