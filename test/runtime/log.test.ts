import { describe, expect, it } from 'vitest';
import { createLogger, hidePasswords } from '../../runtime/log.ts';

function capture(): {
  lines: () => Record<string, unknown>[];
  text: () => string;
  stream: { write(text: string): void };
} {
  let written = '';
  return {
    stream: {
      write: (text) => {
        written += text;
      },
    },
    text: () => written,
    lines: () =>
      written
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('the log', () => {
  it('is one JSON object a line, with time, level and process', () => {
    const { stream, lines } = capture();
    createLogger({ level: 'info', format: 'json' }, 'server', stream).info({ request_id: 'r1' }, 'served');
    expect(lines()).toEqual([
      {
        level: 'info',
        name: 'server',
        pid: process.pid,
        request_id: 'r1',
        msg: 'served',
        time: expect.any(String),
      },
    ]);
  });

  it('leaves out what is below its level', () => {
    const { stream, text } = capture();
    createLogger({ level: 'warn', format: 'json' }, 'server', stream).info('served');
    expect(text()).toBe('');
  });

  it('never shows a secret that is named as one', () => {
    const { stream, text } = capture();
    const log = createLogger({ level: 'info', format: 'json' }, 'server', stream);
    log.info({
      password: 'hunter2',
      endpoint: { secret: 'hunter2' },
      req: { headers: { authorization: 'Bearer hunter2' } },
    });
    expect(text()).not.toContain('hunter2');
    expect(text()).toContain('[hidden]');
  });

  it('hides passwords in the URLs of errors', () => {
    const { stream, text } = capture();
    const err = new Error('cannot connect to postgres://app:hunter2@db/freehold');
    createLogger({ level: 'info', format: 'json' }, 'server', stream).error({ err });
    expect(text()).not.toContain('hunter2');
    expect(text()).toContain('postgres://app:[hidden]@db/freehold');
    expect(hidePasswords('https://example.com/a:b@c')).toBe('https://example.com/a:b@c');
  });
});
