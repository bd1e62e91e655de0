import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

export type DnsServer = {
  /** With its port. */
  address: string;
  /** The TXT records of each name, each a list of strings. A name that is not here does not exist. */
  records: Map<string, string[][]>;
  /** The other records of each name; a type that is left out is empty. */
  hosts: Map<string, Host>;
  /** The queries so far, as "mail.test MX". */
  asked: string[];
  close(): Promise<void>;
};

export type Host = {
  MX?: { preference: number; exchange: string }[];
  A?: string[];
  AAAA?: string[];
  NS?: string[];
  /** Of a name in in-addr.arpa or ip6.arpa. */
  PTR?: string[];
  /** SERVFAIL, or no answer at all. */
  trouble?: 'failure' | 'silence';
};

/** A name server for a few types of record (RFC 1035 section 4), on a free port of loopback unless another place is named. */
export async function startDnsServer({ host = '127.0.0.1', port = 0 } = {}): Promise<DnsServer> {
  const records = new Map<string, string[][]>();
  const hosts: DnsServer['hosts'] = new Map();
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type } = questionOf(query);
    asked.push(`${name} ${types.get(type) ?? type}`);
    if (hosts.get(name)?.trouble === 'silence') return;
    const answer = type === TXT ? answerTo(query, records) : answerFrom(query, hosts.get(name));
    socket.send(answer, from.port, from.address);
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  return {
    address: `${host}:${socket.address().port}`,
    records,
    hosts,
    asked,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

const HEADER_BYTES = 12;
const [ANSWER, FAILURE, NO_SUCH_NAME] = [0x8580, 0x8582, 0x8583];
const TXT = 16;
const types = new Map<number, 'A' | 'NS' | 'PTR' | 'MX' | 'AAAA'>([
  [1, 'A'],
  [2, 'NS'],
  [12, 'PTR'],
  [15, 'MX'],
  [28, 'AAAA'],
]);

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answerTo(query: Buffer, records: DnsServer['records']): Buffer {
  const found = records.get(questionOf(query).name);
  return reply(query, found === undefined ? NO_SUCH_NAME : ANSWER, (found ?? []).map(txtRecord));
}

function answerFrom(query: Buffer, host: Host | undefined): Buffer {
  if (host === undefined) return reply(query, NO_SUCH_NAME, []);
  if (host.trouble === 'failure') return reply(query, FAILURE, []);
  const { type } = questionOf(query);
  const found = host[types.get(type) ?? 'A'] ?? [];
  return reply(
    query,
    ANSWER,
    found.map((one) => record(type, dataOf(type, one))),
  );
}

function dataOf(type: number, value: string | { preference: number; exchange: string }): Buffer {
  if (typeof value !== 'string')
    return Buffer.concat([Buffer.from([0, value.preference]), nameOf(value.exchange)]);
  if (types.get(type) === 'NS' || types.get(type) === 'PTR') return nameOf(value);
  return Buffer.from(ipaddr.parse(value).toByteArray());
}

/** The empty name is the root: a single octet of zero. */
function nameOf(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function reply(query: Buffer, code: number, answers: Buffer[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, questionOf(query).end), ...answers]);
}

function txtRecord(strings: string[]): Buffer {
  const data = Buffer.concat(
    strings.map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])),
  );
  return record(TXT, data);
}

function record(type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(HEADER_BYTES);
  // A pointer to the name in the question (RFC 1035 section 4.1.4).
  fields.writeUInt16BE(0xc000 + HEADER_BYTES, 0);
  fields.writeUInt16BE(type, 2);
  fields.writeUInt16BE(1, 4);
  fields.writeUInt16BE(data.length, 10);
  return Buffer.concat([fields, data]);
}
