import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { readConfig } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/log.ts';
import type { NotSent } from '../../worker/mail.ts';
import { createMailer, oneLine, smtpOptions } from '../../worker/mail.ts';
import { startMailServer } from './support/mail-server.ts';

const log = createLogger({ level: 'silent', format: 'json' }, 'test');
const mail = { id: 'one', to: 'a@a.example', subject: 'Subject', text: 'Text' };

async function send(SMTP_URL: string, signal = new AbortController().signal): Promise<NotSent | undefined> {
  const key = Buffer.alloc(32).toString('base64');
  const env = { SMTP_URL, MAIL_FROM: 'no-reply@freehold.example', FREEHOLD_SECRET_KEY: key };
  const mailer = createMailer(readConfig(env, 'start', tmpdir()), log);
  if (!mailer) throw new Error('there is no mailer');
  return mailer.send(mail, signal);
}

it.each([
  ['tls', 'smtps'],
  ['starttls', 'smtp'],
] as const)('tells a server nothing whose certificate is not trusted (%s)', async (security, protocol) => {
  const server = await startMailServer({ security });
  const notSent = await send(`${protocol}://me:secret@localhost:${server.port}`);
  expect(notSent).toMatchObject({
    kind: 'unreachable',
    cause: { message: expect.stringMatching(/certificate/) },
  });
  expect(server.logins).toEqual([]);
  expect(server.named).toEqual([]);
});

it.each([
  [550, 'refused'],
  [450, 'postponed'],
] as const)('takes the answer %i to a recipient for: %s', async (code, kind) => {
  const server = await startMailServer({ refuse: () => code });
  expect(await send(`smtp://127.0.0.1:${server.port}`)).toMatchObject({ kind });
  expect(server.mails).toEqual([]);
});

it('sends nothing more when the worker stops', async () => {
  const server = await startMailServer();
  expect(await send(`smtp://127.0.0.1:${server.port}`, AbortSignal.abort())).toMatchObject({
    kind: 'unreachable',
    reason: 'the worker stopped meanwhile',
  });
  expect(server.named).toEqual([]);
});

it.each([
  ['smtp://mail.example', true, true],
  ['smtp://mail.example', false, false],
  ['smtp://me:secret@mail.example', false, true],
  ['smtp://localhost', true, false],
  ['smtp://[::1]:25', true, false],
  ['smtps://mail.example', true, false],
])('speaks to %s, in production: %s, over STARTTLS or not at all: %s', (url, production, required) => {
  const options = smtpOptions(url, production);
  expect(options.requireTLS).toBe(required);
  expect(options.tls).toMatchObject({ rejectUnauthorized: true });
});

it.each([
  ['smtp://mail.example', 'mail.example', 587],
  ['smtps://mail.example', 'mail.example', 465],
  ['smtp://[::1]:2525', '::1', 2525],
])('finds host and port of %s', (url, host, port) => {
  expect(smtpOptions(url, true)).toMatchObject({ host, port });
});

it('makes one line of any text, and cuts between characters', () => {
  expect(oneLine('a\r\nb\u0000\u2028c\u202e d', 10)).toBe('a b c d');
  expect(oneLine('👩‍💻👩‍💻', 2)).toBe('👩…');
  expect(oneLine('short', 5)).toBe('short');
});
