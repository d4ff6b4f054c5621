import type { Response } from 'express';
import { type Html, html, sendDocument } from '../../http/html.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { margin: 0 auto; padding: 2rem 1rem; max-width: 34rem; }
main.wide { max-width: 64rem; }
h1 { font-size: 1.5rem; line-height: 1.2; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.note { border-left: 4px solid #c60; padding: .25rem .75rem; background: #cc660018; }
ul.plain { list-style: none; padding: 0; }
form { margin: .5rem 0; }
form.inline { display: inline-block; margin: .15rem .5rem .15rem 0; }
label { display: block; margin: .5rem 0; } form.inline label { display: inline-block; margin: 0 .25rem 0 0; }
input, select, button { font: inherit; padding: .4rem .6rem; border: 1px solid #8886; border-radius: 6px; }
label > input:not([type=checkbox]), label > select { display: block; width: 100%; box-sizing: border-box; }
form.inline label > input, form.inline label > select { display: inline; width: auto; }
button { cursor: pointer; } button.account { display: block; width: 100%; text-align: left; }
button.account span { display: block; opacity: .75; font-size: .9rem; }
:focus-visible { outline: 3px solid #06c; outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .5rem; vertical-align: top; border-bottom: 1px solid #8884; }
code { font-size: .85em; }
`;

/** Answers with a page of the stand-in, which says what it is. */
export function sendPage(
  response: Response,
  status: number,
  title: string,
  body: Html,
  { wide = false } = {},
): void {
  sendDocument(response, status, {
    title: `${title} – WorkOS stand-in`,
    style,
    body: html`<main class="${wide ? 'wide' : 'narrow'}">
${body}
<p class="note">This is a stand-in for WorkOS, for development and tests: it asks nobody for a password.</p>
</main>`,
  });
}
