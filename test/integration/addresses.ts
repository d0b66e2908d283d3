import { partVariables, type PartName } from '../../scripts/parts/parts.mjs';

/** `host:port` of the Kafka that this run is on. */
export function kafkaBrokers(): readonly string[] {
  return addressOf('kafka', process.env['TUTTI_TEST_KAFKA_BROKERS']).split(',');
}

/** `mongodb://…` without a database: a spec takes one of its own. */
export function mongoUrl(): string {
  return addressOf('mongo', process.env['TUTTI_TEST_MONGO_URL']);
}

/** `esdb://…` of a store that others use, too. */
export function eventStoreDbUrl(): string {
  return addressOf('eventstoredb', process.env['TUTTI_TEST_EVENTSTOREDB']);
}

function addressOf(name: PartName, address: string | undefined): string {
  if (address === undefined || address === '') throw new Error(`${partVariables[name]} is not set: npm run test:integration sets it`);
  return address;
}
