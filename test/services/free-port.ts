/** A TCP port of loopback that nobody listens on; as `picket dev` finds one. */
export { freePort } from '@picket/cli/dev'
