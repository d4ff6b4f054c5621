import { expect } from 'vitest';
import { plant } from './leaks.ts';

/** A browser without a screen: it keeps cookies, follows nothing by itself, and says what a browser says of itself. */
export interface TestBrowser {
  cookies: Map<string, string>;
  get(url: string, headers?: Record<string, string>): Promise<Page>;
  /** Posts a form, as a page of `origin` would; null: with no Origin, as what is no browser. */
  post(
    url: string,
    form: Record<string, string>,
    headers?: Record<string, string>,
    origin?: string | null,
  ): Promise<Page>;
}

export interface Page {
  status: number;
  headers: Headers;
  text: string;
  /** Where it redirects to; '' for nowhere. */
  location: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape.
  json: any;
}

export const sessionCookie = '__Host-freehold_session';

export const jsonHeaders = { accept: 'application/json' };

export function openBrowser(cookies = new Map<string, string>()): TestBrowser {
  const ask = async (url: string, init: RequestInit, headers: Record<string, string>): Promise<Page> => {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'user-agent': 'Test browser',
        ...(cookies.size > 0 && {
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        }),
        ...headers,
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, plant(decodeURIComponent(value), `the cookie ${name}`));
    }
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined;
    const location = response.headers.get('location');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json,
      location: location ? new URL(location, url).href : '',
    };
  };
  return {
    cookies,
    get: (url, headers = {}) => ask(url, {}, headers),
    post: (url, form, headers = {}, origin = new URL(url).origin) =>
      ask(
        url,
        { method: 'POST', body: new URLSearchParams(form) },
        { ...(origin !== null && { origin }), ...headers },
      ),
  };
}

/** At the identity provider's page, somebody says who they are. Resolves to the callback's address. */
export async function pick(authorizeUrl: string, form: Record<string, string>): Promise<string> {
  const provider = openBrowser();
  const { json } = await provider.get(authorizeUrl, jsonHeaders);
  const picked = await provider.post(json.pick, form);
  expect(picked.status).toBe(302);
  plant(new URL(picked.location).searchParams.get('code') ?? '', 'a code of the identity provider');
  return picked.location;
}

/** From the login page here, over the identity provider, and back: resolves to what the callback answers. */
export async function signIn(
  browser: TestBrowser,
  server: string,
  userId: string,
  query: Record<string, string> = {},
): Promise<Page> {
  const begun = await browser.get(`${server}/auth/login?${new URLSearchParams(query)}`);
  expect(begun.status).toBe(302);
  return browser.get(await pick(begun.location, { user_id: userId }));
}
