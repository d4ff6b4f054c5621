import type { NodemailerError, SMTPTransportOptions } from 'nodemailer';
import { createTransport } from 'nodemailer';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';

/** Over all, for one mail: a server that answers one byte at a time is inactive never. */
const LIMIT_MS = 30_000;

export interface Mail {
  /** Names this mail to this person, the same whenever it is sent again: its Message-ID is made of it. Letters, digits, dots, hyphens. */
  id: string;
  /** One address. */
  to: string;
  subject: string;
  /** Plain text. */
  text: string;
}

/** Why a mail did not go. */
export interface NotSent {
  /** refused: this recipient, for good. postponed: this mail, for now. unreachable: no mail at all is taken from us at present. */
  kind: 'refused' | 'postponed' | 'unreachable';
  /** For people: it tells nothing of our mail server's insides. */
  reason: string;
  /** For our log. */
  cause?: unknown;
}

export interface Mailer {
  /** Hands one mail to the mail server. Never rejects. @returns undefined when the server took it */
  send(mail: Mail, signal: AbortSignal): Promise<NotSent | undefined>;
}

/** @returns undefined, and warns, where mails can neither be sent nor printed: in production without SMTP_URL */
export function createMailer(config: Config, log: Logger): Mailer | undefined {
  const { smtpUrl, from } = config.mail;
  if (smtpUrl) return smtpMailer(smtpOptions(smtpUrl, config.production), from);
  if (!config.production) return printingMailer(log);
  log.warn('SMTP_URL is not set: nobody is told by mail of webhook endpoints that fail or were disabled');
  return undefined;
}

/**
 * How the server is spoken to: certificates are verified (NODE_EXTRA_CA_CERTS adds an authority of one's own), and with
 * smtp: it must offer STARTTLS, unless it is on this machine, or in development and asks for no password.
 */
export function smtpOptions(smtpUrl: string, production: boolean): SMTPTransportOptions {
  const url = new URL(smtpUrl);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  const local = /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
  const authenticates = url.username !== '';
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !local && (production || authenticates),
    // Said although it is the default: an environment with NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    ...(authenticates && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
      forceAuth: true,
    }),
    dnsTimeout: 5_000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    // A text that begins like a path or an address is a text.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function smtpMailer(options: SMTPTransportOptions, from: Config['mail']['from']): Mailer {
  const transport = createTransport(options);
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return {
    async send({ id, to, subject, text }, signal) {
      // What is stored as an address may be a list, or hold a line of its own.
      if (!/^[^\s"(),:;<>@[\\\]\p{Cc}]+@[^\s"(),:;<>@[\\\]\p{Cc}]+$/u.test(to)) {
        return { kind: 'refused', reason: 'the address is none that mail can be sent to' };
      }
      const limit = AbortSignal.timeout(LIMIT_MS);
      try {
        await transport.sendMail({
          messageId: `<${id}@${domain}>`,
          from,
          to: { name: '', address: to },
          envelope: { from: from.address, to: [to] },
          subject: oneLine(subject, 200),
          text,
          // RFC 3834: no answering machine answers it
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.any([signal, limit]),
        });
        return undefined;
      } catch (error) {
        return {
          ...verdict(error as NodemailerError, { stopped: signal.aborted, expired: limit.aborted }),
          cause: error,
        };
      }
    },
  };
}

function printingMailer(log: Logger): Mailer {
  return {
    async send({ to, subject, text }) {
      log.info({ mail: { to, subject, text } }, 'a mail, printed because SMTP_URL is not set');
      return undefined;
    },
  };
}

/** RFC 5321: what is answered to RCPT TO is about the recipient; what goes wrong before MAIL FROM is about us. */
function verdict(
  { code, command, permanent }: NodemailerError,
  { stopped, expired }: { stopped: boolean; expired: boolean },
): NotSent {
  if (stopped) return { kind: 'unreachable', reason: 'the worker stopped meanwhile' };
  if (code === 'EENVELOPE' && command === 'RCPT TO' && permanent)
    return { kind: 'refused', reason: 'the mail server refuses the address' };
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return { kind: 'postponed', reason: 'the mail server does not take the mail' };
  if (code === 'EAUTH') return { kind: 'unreachable', reason: 'the mail server does not accept our login' };
  if (code === 'ETIMEDOUT' || expired)
    return { kind: 'unreachable', reason: 'the mail server does not answer in time' };
  return { kind: 'unreachable', reason: 'the mail server cannot be reached' };
}

/** Text that others wrote, as part of a line: nothing in it begins a line of its own or turns the direction of writing. */
export function oneLine(text: string, most: number): string {
  const line = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  // By characters, not by halves of one.
  const characters = [...line];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line;
}
