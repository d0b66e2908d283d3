import { ReflectionService } from '@grpc/reflection';
import { DESCRIPTOR_SET } from '@tutti/contracts';

/** google.protobuf.FileDescriptorSet has one field, the repeated `file`, whose entries are length-delimited under this tag. */
const FILE_TAG = 0x0a;

/** Server reflection for these services: tools like grpcurl ask a running server what it takes. Other services of the contracts are not listed. */
export function describeServices(services: readonly string[]): ReflectionService {
  const files = filesOf(Buffer.from(DESCRIPTOR_SET, 'base64'));
  // As protocol-buffer loaders hand it over; of a definition reflection reads only the descriptors.
  const description = { format: 'Protocol Buffer 3 EnumDescriptorProto' as const, type: {}, fileDescriptorProtos: files };
  return new ReflectionService({ 'tutti.v1': description }, { services: [...services] });
}

function filesOf(set: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let offset = 0; offset < set.length;) {
    if (set[offset] !== FILE_TAG) throw new RangeError(`the descriptor set has tag ${set[offset]} at ${offset}, expected ${FILE_TAG}`);
    const { value: length, end } = varint(set, offset + 1);
    files.push(set.subarray(end, end + length));
    offset = end + length;
  }
  return files;
}

function varint(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let offset = start, scale = 1; ; offset++, scale *= 128) {
    const byte = bytes[offset] ?? 0;
    value += (byte % 128) * scale;
    if (byte < 128) return { value, end: offset + 1 };
  }
}
