import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type DnsServer = {
  /** 127.0.0.1 with a port. */
  address: string;
  /** What each name's TXT records are, each made of strings. A name that is not here does not exist. */
  records: Map<string, string[][]>;
  close(): Promise<void>;
};

/** A name server on loopback that knows TXT records and nothing else (RFC 1035 section 4). */
export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, string[][]>();
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => socket.send(answerTo(query, records), from.port, from.address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

const HEADER_BYTES = 12;
const [ANSWER, NO_SUCH_NAME] = [0x8580, 0x8583];

function answerTo(query: Buffer, records: DnsServer['records']): Buffer {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const found = records.get(labels.join('.').toLowerCase());
  const answers = (found ?? []).map(txtRecord);
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(found === undefined ? NO_SUCH_NAME : ANSWER, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, at + 5), ...answers]);
}

function txtRecord(strings: string[]): Buffer {
  const data = Buffer.concat(
    strings.map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])),
  );
  const fields = Buffer.alloc(HEADER_BYTES);
  // Its name is that of the question.
  fields.writeUInt16BE(0xc000 + HEADER_BYTES, 0);
  fields.writeUInt16BE(16, 2);
  fields.writeUInt16BE(1, 4);
  fields.writeUInt16BE(data.length, 10);
  return Buffer.concat([fields, data]);
}
