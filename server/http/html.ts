import { hash } from 'node:crypto';
import type { Response } from 'express';

/** Text that is HTML already. Made by `html` alone, so that nothing else is taken for it. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | false | null | undefined | readonly Part[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template of HTML: every value is escaped, but what came of `html` itself. Attributes must stand in quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: strings.map((text, at) => text + (at < parts.length ? render(parts[at]) : '')).join('') };
}

function render(part: Part): string {
  if (part === undefined || part === null || part === false) return '';
  if (Array.isArray(part)) return part.map(render).join('');
  if (typeof part === 'object') return (part as Html).markup;
  return String(part).replace(/[&<>"']/g, (character) => entities[character] as string);
}

/**
 * Answers with a whole page of `style` and `body`, which runs no script, is in no frame and is not kept. No form-action in its policy: browsers apply it to
 * the redirects that follow a form, and a sign-in goes on to other hosts. Not "no-referrer" either: browsers would send `Origin: null` with its forms.
 */
export function sendDocument(
  response: Response,
  status: number,
  { title, style, body }: { title: string; style: string; body: Html },
): void {
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; frame-ancestors 'none'`;
  response
    .status(status)
    .set({
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    })
    .type('html')
    .send(
      html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
${body}
</body>
</html>
`.markup,
    );
}
