/** The entry point `@picket/cli/dev`: how local servers are started, for the tests, which start some of their own. */
export {
  BROKER_IS_READY,
  type BrokerNode,
  brokerArguments,
  brokerProperties,
  plainListeners,
  printProperties,
  runKafkaTool,
} from './broker.ts'
export { freePort } from './free-port.ts'
export { cacheFolder, kafkaClassPath, kafkaJars } from './kafka-jars.ts'
