export const BUS_SCHEMA_VERSION = 2;

/** From the version of its place in the list, counted from 1, to the next. */
export const BUS_MIGRATIONS: readonly string[] = [
  `ALTER TABLE held ADD COLUMN attempts TEXT NOT NULL DEFAULT '[]';
ALTER TABLE dead_letters ADD COLUMN attempts TEXT NOT NULL DEFAULT '[]';
ALTER TABLE dead_letters ADD COLUMN discarded INTEGER NOT NULL DEFAULT 0`,
];

/**
 * `consumers`: everything of the topic at or below `position` is handled, in `held` or in `dead_letters`.
 * `held`: messages that wait (for an absent member, a retry, room in memory, a replay), with their text, so that the position can move past them.
 * `attempts`: the rejected deliveries, as JSON.
 * `discarded`: 1 for a row that only keeps the log from giving its message again; it goes once the group's position is past it.
 * `member` is empty where any member may take it.
 */
export const BUS_SCHEMA = `
CREATE TABLE messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  time INTEGER NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_topic ON messages (topic, seq);
CREATE TABLE consumers (
  topic TEXT NOT NULL,
  consumer TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (topic, consumer)
) STRICT, WITHOUT ROWID;
CREATE TABLE held (
  topic TEXT NOT NULL,
  consumer TEXT NOT NULL,
  member TEXT NOT NULL,
  position INTEGER NOT NULL,
  part INTEGER NOT NULL,
  key TEXT NOT NULL,
  deliveries INTEGER NOT NULL,
  message TEXT NOT NULL,
  attempts TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (topic, consumer, member, position, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_by_key ON held (topic, consumer, member, key, position, part);
CREATE TABLE dead_letters (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  consumer TEXT NOT NULL,
  position INTEGER NOT NULL,
  part INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  error TEXT NOT NULL,
  time INTEGER NOT NULL,
  message TEXT NOT NULL,
  attempts TEXT NOT NULL DEFAULT '[]',
  discarded INTEGER NOT NULL DEFAULT 0,
  UNIQUE (topic, consumer, position, part)
) STRICT`;
