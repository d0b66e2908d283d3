import { partVariables } from '../../scripts/parts/parts.mjs';

/** `host:port` of the Kafka that this run is on. */
export function kafkaBrokers(): readonly string[] {
  const address = process.env['TUTTI_TEST_KAFKA_BROKERS'];
  if (address === undefined || address === '') throw new Error(`${partVariables.kafka} is not set: npm run test:integration sets it`);
  return address.split(',');
}
