import { kafkaUnderTest } from './kafka-under-test.ts'
import { queueContract } from './queue-contract.ts'

queueContract('Kafka', kafkaUnderTest)
