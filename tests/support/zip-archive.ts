import { deflateRawSync } from 'node:zlib';

/** `claims`: what its headers say of its size instead of the truth. */
export type ZipFile = { path: string; content: string | Buffer; isEncrypted?: boolean; claims?: number };

/** A ZIP archive (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16) of any paths, also ones that no program writes. */
export function zipArchive(files: readonly ZipFile[]): Buffer {
  const locals: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const packed = deflateRawSync(file.content);
    const fields = fieldsOf(file, packed);
    const name = Buffer.from(file.path);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    list.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, place, name);
    locals.push(local);
    offset += local.length;
  }
  return Buffer.concat([...locals, ...list, endOf(files.length, Buffer.concat(list).length, offset)]);
}

/** From the version to the length of the extra field: the same in both headers. */
function fieldsOf({ path, content, isEncrypted = false, claims }: ZipFile, packed: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  // Names are UTF-8.
  fields.writeUInt16LE(0x800 | (isEncrypted ? 1 : 0), 2);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(claims ?? Buffer.byteLength(content), 18);
  fields.writeUInt16LE(Buffer.byteLength(path), 22);
  return fields;
}

function endOf(count: number, listBytes: number, listOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listBytes, 12);
  end.writeUInt32LE(listOffset, 16);
  return end;
}
