import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

/** What a name server says of a name: its addresses of both families, none, or nothing at all. */
export type Zone = (name: string) => readonly string[] | 'silence';

export interface TestDns {
  /** As in WEBHOOK_DNS_SERVERS. */
  address: string;
  /** The questions that came, such as "A receiver.example". */
  questions: string[];
  close(): Promise<void>;
}

const types: Record<number, 'A' | 'AAAA'> = { 1: 'A', 28: 'AAAA' };

/** A name server over real UDP. It answers each question as `zone` says then; a name without addresses does not exist. */
export async function startDns(zone: Zone): Promise<TestDns> {
  const questions: string[] = [];
  const socket = createSocket('udp4', (query, { port, address }) => {
    const { name, type, end } = questionOf(query);
    questions.push(`${types[type]} ${name}`);
    const found = zone(name);
    if (found === 'silence') return;
    const records = found
      .map((text) => ipaddr.parse(text))
      .filter((parsed) => types[type] === (parsed.kind() === 'ipv4' ? 'A' : 'AAAA'))
      .map((parsed) => recordOf(type, Buffer.from(parsed.toByteArray())));
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // an answer, recursion desired and available; 3 is NXDOMAIN (RFC 1035, 4.1.1)
    header.writeUInt16BE(found.length > 0 ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** A record of the name in the question, which is not to be kept: time to live 0. */
function recordOf(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
