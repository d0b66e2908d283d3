import fc from 'fast-check';
import type { Field, MapField, Type } from 'protobufjs';
import { ODD_TEXTS } from './generated-values.js';

const DEEPEST = 4;

/** Messages of the type, as protobufjs takes them. */
export function messagesOf(type: Type, depth = 0): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  if (type.fullName === '.google.protobuf.Timestamp')
    return fc.record({ seconds: fc.integer({ min: 0, max: 4_000_000_000 }), nanos: fc.integer({ min: 0, max: 999_999_999 }) });
  const fields = type.fieldsArray.map((field) => [field.name, fieldValues(field.resolve(), depth)] as const);
  const members = fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  return members.map((message) => withOneOfEach(type, message));
}

function fieldValues(field: Field, depth: number): fc.Arbitrary<unknown> {
  const value = single(field, depth);
  if (field.map) return fc.dictionary(mapKeys(field as unknown as MapField), value, { maxKeys: 2 });
  return field.repeated ? fc.array(value, { maxLength: depth > DEEPEST ? 0 : 3 }) : value;
}

function single(field: Field, depth: number): fc.Arbitrary<unknown> {
  // A position that is not reached is waited for.
  if (field.name === 'min_position') return fc.nat({ max: 1 });
  const type = field.resolvedType;
  if (type !== null && 'values' in type) return fc.constantFrom(...Object.values(type.values), 99);
  if (type !== null) return depth > DEEPEST ? fc.constant({}) : messagesOf(type, depth + 1);
  switch (field.type) {
    case 'string':
      return fc.oneof(
        fc.constantFrom('greet', 'r-1', 'a-1', 'user:ann', '', ...ODD_TEXTS.map((text) => text.toWellFormed())),
        fc.string({ maxLength: 30 }),
        fc.constant('x'.repeat(5_000)),
      );
    case 'bool':
      return fc.boolean();
    case 'double':
      return fc.double();
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 });
    case 'uint32':
      return fc.oneof(fc.nat({ max: 10 }), fc.constant(4_294_967_295));
    default:
      return fc.oneof(fc.nat({ max: 10 }), fc.constantFrom(-1, Number.MAX_SAFE_INTEGER));
  }
}

function mapKeys({ keyType }: MapField): fc.Arbitrary<string> {
  return keyType === 'string' ? fc.string({ maxLength: 10 }) : fc.nat().map(String);
}

/** Of fields that exclude each other only the first. */
function withOneOfEach(type: Type, message: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const surplus = type.oneofsArray.flatMap(({ fieldsArray }) =>
    fieldsArray
      .map(({ name }) => name)
      .filter((name) => name in message)
      .slice(1),
  );
  return Object.fromEntries(Object.entries(message).filter(([name]) => !surplus.includes(name)));
}

/** Bytes of which some are not as the message has them. */
export function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.nat({ max: bytes.length }).map((end) => bytes.subarray(0, end)),
    fc
      .tuple(fc.nat(), fc.nat({ max: 255 }))
      .map(([at, value]) => bytes.map((byte, index) => (index === at % Math.max(1, bytes.length) ? value : byte))),
    // A field that the message does not have, a text that is no UTF-8, a message that goes into itself.
    fc
      .constantFrom([0xfa, 0x3f, 0x01, 0x61], [0x0a, 0x02, 0xff, 0xfe], [0x0a, 0xff, 0xff, 0xff, 0x7f])
      .map((more) => Uint8Array.from([...bytes, ...more])),
  );
}
