import { existsSync, readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { isSystemError } from './sqlite-errors.js';

/** https://www.sqlite.org/fileformat.html#walformat; all numbers big-endian but the words of a checksum, whose order the magic number tells. */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;
const LARGEST_PAGE = 65_536;

/**
 * `whole`: everything in the log counts, or there is none. `unfinished`: the last transaction is not complete, as after a loss of power while it was written, and
 * SQLite leaves it out. `damaged`: bytes that were durable have changed, and SQLite would leave out transactions after them without a word.
 */
export interface WalInspection {
  readonly state: 'whole' | 'unfinished' | 'damaged';
  /** Empty when whole. */
  readonly detail: string;
}

/**
 * Looks at the write-ahead log beside an SQLite file that nobody has open: opening the file replays the log as far as its checksums hold, and forgets the rest.
 *
 * Not seen: a change in the last transaction of the log, which looks like one that was not finished.
 */
export function inspectWal(databaseFile: string): WalInspection {
  const log = readLog(`${databaseFile}-wal`);
  if (log === null || log.length === 0) return { state: 'whole', detail: '' };
  const damaged = (detail: string): WalInspection => ({ state: 'damaged', detail: `${databaseFile}-wal ${detail}` });
  if (log.length < HEADER_BYTES) return { state: 'unfinished', detail: `${databaseFile}-wal ends inside its header` };
  const magic = log.readUInt32BE(0);
  const pageBytes = log.readUInt32BE(8);
  if ((magic & ~1) >>> 0 !== MAGIC || pageBytes < 512 || pageBytes > LARGEST_PAGE || (pageBytes & (pageBytes - 1)) !== 0)
    return damaged('has a damaged header, so nothing in it can be read');
  const add = adder(log, (magic & 1) === 1);
  const header = add(0, 24, { first: 0, second: 0 });
  if (!isAt(log, 24, header)) return damaged('has a damaged header, so nothing in it can be read');
  const salt = log.subarray(16, 24);
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  const frames = Math.floor((log.length - HEADER_BYTES) / frameBytes);
  let before = header;
  let broken = -1;
  let lastCommit = -1;
  let seen = -1;
  for (let frame = 0; frame < frames; frame++) {
    const at = HEADER_BYTES + frame * frameBytes;
    if (!isSalted(log, salt, at)) {
      // What an older use of the file left has other salts from here on.
      if (!isSalted(log, salt, at + frameBytes) && !isHalfSalted(log, salt, at)) break;
      if (broken === -1) broken = frame;
    }
    seen = frame;
    const found = add(at + FRAME_HEADER_BYTES, pageBytes, add(at, 8, before));
    const holds = isAt(log, at + 16, found);
    if (!holds && broken === -1) broken = frame;
    if (holds && broken === -1 && log.readUInt32BE(at + 4) !== 0) lastCommit = frame;
    // A frame continues the checksum that is written before it, so frames after a changed one still hold: written later, durable, and lost.
    if (holds && broken !== -1 && frame > broken && hasCommit(log, broken, frame - 1, frameBytes))
      return damaged(
        `is damaged in frame ${broken + 1} of ${frames}: what was written there and after it, at least ${frame - broken} pages, would be lost`,
      );
    before = { first: log.readUInt32BE(at + 16), second: log.readUInt32BE(at + 20) };
  }
  if (seen === lastCommit) return { state: 'whole', detail: '' };
  return {
    state: 'unfinished',
    detail: `${databaseFile}-wal: the last transaction, from page ${lastCommit + 2} of ${seen + 1} on, is not complete`,
  };
}

interface Checksum {
  readonly first: number;
  readonly second: number;
}

function readLog(file: string): Buffer | null {
  if (!existsSync(file)) return null;
  try {
    return readFileSync(file);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Adds bytes of the log, a multiple of eight, to a checksum. */
function adder(log: Buffer, bigEndian: boolean): (from: number, bytes: number, checksum: Checksum) => Checksum {
  // A copy of its own begins at a whole word, whatever the buffer's pool did.
  const words = new Uint32Array(Math.floor(log.length / 4));
  Buffer.from(words.buffer).set(log.subarray(0, words.length * 4));
  if (bigEndian !== (endianness() === 'BE')) Buffer.from(words.buffer).swap32();
  return (from, bytes, { first, second }) => {
    for (let word = from / 4; word < (from + bytes) / 4; word += 2) {
      first = (first + (words[word] ?? 0) + second) >>> 0;
      second = (second + (words[word + 1] ?? 0) + first) >>> 0;
    }
    return { first, second };
  };
}

function isAt(log: Buffer, at: number, { first, second }: Checksum): boolean {
  return log.readUInt32BE(at) === first && log.readUInt32BE(at + 4) === second;
}

function isSalted(log: Buffer, salt: Buffer, at: number): boolean {
  return at + FRAME_HEADER_BYTES <= log.length && log.compare(salt, 0, 8, at + 8, at + 16) === 0;
}

/** A changed byte spoils one of the two salts; another use of the file has both anew. */
function isHalfSalted(log: Buffer, salt: Buffer, at: number): boolean {
  return log.compare(salt, 0, 4, at + 8, at + 12) === 0 || log.compare(salt, 4, 8, at + 12, at + 16) === 0;
}

/** Whether a transaction ends in one of these frames: only then was the next written after it was durable. */
function hasCommit(log: Buffer, from: number, through: number, frameBytes: number): boolean {
  for (let frame = from; frame <= through; frame++) if (log.readUInt32BE(HEADER_BYTES + frame * frameBytes + 4) !== 0) return true;
  return false;
}
