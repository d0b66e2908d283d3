export { lockDataFolder, type DataFolderLock } from './data-folder-lock.js';
export { surveyDamage, type DamageSurvey, type LostEvent } from './damage-survey.js';
export { openEmbeddedEventStore, type EmbeddedEventStore, type EmbeddedEventStoreOptions } from './embedded-event-store.js';
export type { FreeSpace } from './free-space-floor.js';
export type { StoreDamage, VerificationReport } from './store-verification.js';
export { openEventLogFollower, type EventLog, type EventLogFollower } from './event-log-follower.js';
export { inspectWal, type WalInspection } from './wal-inspection.js';
