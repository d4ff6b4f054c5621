import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ParsedMail } from 'mailparser';
import { simpleParser } from 'mailparser';
import type { SMTPServerOptions } from 'smtp-server';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

/**
 * A certificate for localhost that nobody trusts but who is told to. Valid for a hundred years; made with openssl req -x509
 * -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/CN=Test mail server" -addext
 * "subjectAltName=DNS:localhost,IP:127.0.0.1" -keyout mail-server.key -out mail-server.pem
 */
export const certificateFile = fileURLToPath(new URL('./mail-server.pem', import.meta.url));
const keyFile = new URL('./mail-server.key', import.meta.url);

export interface ReceivedMail {
  /** To whom it was handed over. */
  recipients: string[];
  parsed: ParsedMail;
  /** Names of its header fields, in lower case. */
  fields: string[];
}

export interface MailServer {
  port: number;
  mails: ReceivedMail[];
  /** The user and password of each login. */
  logins: string[];
  /** Recipients that were named, those that were refused too. */
  named: string[];
  close(): Promise<void>;
}

export interface MailServerOptions {
  port?: number;
  /** SMTP reply code to a recipient; none: it is taken. */
  refuse?: (address: string) => number | undefined;
  /** none: plain, without a login. starttls: offered. tls: from the first byte. The last two ask for a login. */
  security?: 'none' | 'starttls' | 'tls';
}

/** A real mail server on this machine, closed with the test. */
export async function startMailServer(options?: MailServerOptions): Promise<MailServer> {
  const server = await runMailServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** One that the caller closes: for all tests of a file. */
export async function runMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { port = 0, refuse = () => undefined, security = 'none' } = options;
  const received: Omit<MailServer, 'port' | 'close'> = { mails: [], logins: [], named: [] };
  const settings: SMTPServerOptions =
    security === 'none'
      ? { disabledCommands: ['STARTTLS', 'AUTH'] }
      : { secure: security === 'tls', cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
  const server = new SMTPServer({
    ...settings,
    logger: false,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth({ username, password }, _session, callback) {
      received.logins.push(`${username}:${password}`);
      callback(null, { user: username });
    },
    onRcptTo({ address }, _session, callback) {
      received.named.push(address);
      const code = refuse(address);
      callback(code ? Object.assign(new Error('not here'), { responseCode: code }) : null);
    },
    onData(stream, { envelope }, callback) {
      simpleParser(stream).then((parsed) => {
        received.mails.push({
          recipients: envelope.rcptTo.map(({ address }) => address),
          parsed,
          fields: parsed.headerLines.map(({ key }) => key),
        });
        callback(null);
      }, callback);
    },
  });
  // A client that does not trust the certificate breaks off: that is for the client to tell.
  server.on('error', () => {});
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    ...received,
    port: (listening.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
