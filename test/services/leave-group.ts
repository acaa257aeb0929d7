/**
 * LeaveGroup in a dead member's name, so that its group need not wait for its session to end.
 *
 * The request itself, as no client sends it for another. Only a broker that coordinates the group takes it.
 */
import { once } from 'node:events'
import { connect } from 'node:net'

const LEAVE_GROUP = 13
const NO_ERROR = 0
/** The session has ended by itself meanwhile. */
const UNKNOWN_MEMBER = 25

export async function leaveGroup(address: string, group: string, member: string): Promise<void> {
  const [host, port] = address.split(':')
  const socket = connect(Number(port), host)
  try {
    await once(socket, 'connect')
    // version 0, correlation 1
    const request = `${int16(LEAVE_GROUP)}${int16(0)}${int16(0)}${int16(1)}${text('test')}${text(group)}${text(member)}`
    socket.write(`${int16(0)}${text(request)}`, 'latin1')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    const code = answer.readInt16BE(8)
    if (code !== NO_ERROR && code !== UNKNOWN_MEMBER)
      throw new Error(`${member} cannot leave ${group}: ${code}`)
  } finally {
    socket.destroy()
  }
}

/** One UTF-16 unit a byte. */
function int16(value: number): string {
  return String.fromCharCode(value >> 8, value & 255)
}

function text(value: string): string {
  return int16(value.length) + value
}
