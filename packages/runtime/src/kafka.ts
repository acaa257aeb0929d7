/**
 * The entry point `@picket/runtime/kafka`: apart from the rest, so that a command which needs no broker does not load kafkajs.
 */
export { KafkaQueue } from './queue/kafka/kafka-queue.ts'
export { type FoundTopic, TopicAdmin } from './queue/kafka/topic-admin.ts'
