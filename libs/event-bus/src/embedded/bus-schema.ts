export const BUS_SCHEMA_VERSION = 1;

/**
 * `consumers`: everything of the topic at or below `position` is handled, in `held` or in `dead_letters`.
 * `held`: messages that wait (for an absent member, a retry, room in memory, a replay), with their text, so that the position can move past them.
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
  UNIQUE (topic, consumer, position, part)
) STRICT`;
