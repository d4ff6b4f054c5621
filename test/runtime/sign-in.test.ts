import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { find } from '../support/find.ts';
import { dataOf, processesIn, runNode, type TestProcess } from '../support/process.ts';
import { waitUntil } from '../support/wait.ts';

// npm start, and a person at a browser: the whole way, with nothing in between.
const root = fileURLToPath(new URL('../..', import.meta.url));
const executablePath = find('chromium') ?? find('google-chrome');
if (!executablePath) {
  if (process.env.CI) throw new Error('there is no chromium, which CI needs: .ci/programs installs it');
  console.log('skipped: no chromium on this machine (Debian: apt-get install chromium)');
}

describe.skipIf(!executablePath)('a person at a browser', () => {
  let directory: string;
  let started: TestProcess;
  let browser: Browser;
  let url: string;
  let provider: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'freehold-sign-in-'));
    chmodSync(directory, 0o755);
    const [port, standInPort] = [await freePort(), await freePort()];
    url = `http://localhost:${port}`;
    provider = `http://127.0.0.1:${standInPort}`;
    started = runNode([join(root, 'runtime/run.js'), join(root, 'runtime/start.ts')], {
      cwd: directory,
      env: {
        PORT: String(port),
        WORKOS_STAND_IN_PORT: String(standInPort),
        TELEMETRY_STORE_PORT: String(await freePort()),
      },
    });
    // Root has no sandbox; the pages are our own.
    browser = await chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] });
    await started.printed(/Freehold is ready/, 120_000);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    started?.signal('SIGTERM');
    const data = dataOf(join(directory, '.freehold/postgres'));
    await waitUntil(
      'everything has stopped',
      () => [...processesIn(directory), ...processesIn(data)].length === 0,
      40_000,
    );
    rmSync(directory, { recursive: true, force: true });
  });

  const open = async (): Promise<Page> => (await browser.newContext()).newPage();
  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent();

  /** From the account page to the sign-in, as whoever the button names, and back. */
  async function signIn(page: Page, name: RegExp): Promise<void> {
    await page.goto(`${url}/auth`);
    expect(page.url()).toContain(`${provider}/user_management/authorize`);
    await page.getByRole('button', { name }).click();
  }

  it('picks an account, chooses an organization, switches to the other, and signs out', async () => {
    const page = await open();
    await signIn(page, /consultant@partner\.example/);
    expect(await heading(page)).toBe('Choose an organization');
    await page.getByRole('button', { name: 'Choose Acme' }).click();
    await page.waitForURL(`${url}/auth`);
    expect(await heading(page)).toBe('Acme');

    await page.getByRole('button', { name: 'Switch to Globex' }).click();
    await page.waitForURL(`${url}/auth`);
    expect(await heading(page)).toBe('Globex');
    // the page of the account itself may load nothing
    await page.goto(`${url}/livez`);
    const told = await page.evaluate(async () => (await fetch('/auth/session')).json());
    expect(told).toMatchObject({
      person: { email: 'consultant@partner.example' },
      tenant: { slug: 'globex' },
    });

    await page.goto(`${url}/auth`);
    await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
    await page.waitForURL(new RegExp(`^${provider}`));
    expect((await page.context().cookies(url)).map(({ name }) => name)).not.toContain('freehold_session');
    await page.goto(`${url}/auth`);
    expect(page.url()).toContain('/user_management/authorize');
  });

  it('asks the API from a page of ours, and is told no from a page of another', async () => {
    const page = await open();
    await signIn(page, /owner@acme\.example/);
    await page.waitForURL(`${url}/auth`);
    const ask = () =>
      page.evaluate(async (graphql) => {
        try {
          const response = await fetch(graphql, {
            method: 'POST',
            credentials: 'include',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ query: '{ tenants { nodes { slug } } }' }),
          });
          return await response.json();
        } catch (error) {
          return String(error);
        }
      }, `${url}/graphql`);
    await page.goto(`${url}/livez`);
    expect(await ask()).toEqual({ data: { tenants: { nodes: [{ slug: 'acme' }] } } });
    await page.goto(provider);
    expect(await ask()).toMatch(/Failed to fetch/);
  });

  it('is taken out by the directory of their organization, and the next click is refused', async () => {
    const page = await open();
    await signIn(page, /member@globex\.example/);
    await page.waitForURL(`${url}/auth`);
    await page.reload();
    expect(await heading(page)).toBe('Globex');

    const act = async (name: string, body: Record<string, unknown>) => {
      const response = await fetch(`${provider}/stand-in/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.status).toBeLessThan(300);
      return (await response.json()) as { id: string };
    };
    const { id } = await act('create-directory', { organization_id: 'org_globex' });
    const user = await act('create-directory-user', { directory_id: id, email: 'member@globex.example' });
    await act('update-directory-user', { directory_user_id: user.id, state: 'inactive' });
    await waitUntil('the news has come', () =>
      /"type":"dsync.user.updated".*"status":"applied"/.test(started.output()),
    );
    await page.reload();
    expect(page.url()).toContain('/user_management/authorize');
    await page.getByRole('button', { name: /member@globex\.example/ }).click();
    expect(await heading(page)).toBe('You are not signed in');
    expect(await page.textContent('main')).toContain('not_a_member');
  });
});
