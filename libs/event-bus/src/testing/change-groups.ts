import type { BusRecords, GroupRecord } from '../in-memory/in-memory-event-bus.js';

export function changeGroups(records: BusRecords, change: (record: GroupRecord) => GroupRecord): BusRecords {
  return { ...records, groups: new Map([...records.groups].map(([key, record]) => [key, change(record)])) };
}
