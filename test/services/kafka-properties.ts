/**
 * The properties of one broker of a test cluster (KRaft, broker and controller in one process), small and quick.
 *
 * With `security` clients have one way in: TLS with SASL SCRAM, judged by the broker's own authorizer. Brokers among themselves use
 * a plain listener of loopback; whoever uses that one is a super user.
 */
import { brokerProperties, plainListeners, printProperties } from '@picket/cli/dev'

export interface NodePorts {
  readonly broker: number
  readonly controller: number
  /** Between brokers; used where clients must come by TLS. */
  readonly internal: number
}

export interface KafkaSecurity {
  /** PEM: key and certificate in one file. */
  readonly keystore: string
  readonly truststore: string
  readonly superUser: string
}

export interface NodeSettings {
  readonly id: number
  readonly nodes: readonly NodePorts[]
  readonly folder: string
  readonly security: KafkaSecurity | undefined
  readonly extra: Readonly<Record<string, string>>
}

export function nodeProperties(settings: NodeSettings): string {
  const controllers = settings.nodes.map(({ controller }) => controller)
  const { id, folder, extra } = settings
  return printProperties({
    ...brokerProperties({ id, controllers, folder }),
    ...listeners(settings),
    ...extra,
  })
}

function listeners({ id, nodes, security }: NodeSettings): Record<string, string> {
  const ports = nodes[id - 1]
  if (ports === undefined) throw new Error(`no broker ${id}`)
  if (security === undefined) return plainListeners(ports.broker, ports.controller)
  const controller = `CONTROLLER://127.0.0.1:${ports.controller}`
  const reachable = `CLIENTS://127.0.0.1:${ports.broker},INTERNAL://127.0.0.1:${ports.internal}`
  return {
    listeners: `${reachable},${controller}`,
    'advertised.listeners': reachable,
    'listener.security.protocol.map': 'CLIENTS:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'INTERNAL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.clients.scram-sha-256.sasl.jaas.config': SCRAM,
    'listener.name.clients.scram-sha-512.sasl.jaas.config': SCRAM,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': security.keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': security.truststore,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:ANONYMOUS;User:${security.superUser}`,
  }
}

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
