import { chromium } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../graphql/server.ts';
import { createTenant } from '../../graphql/tenants.ts';
import { createTestDatabase } from '../../support/database.ts';
import { find } from '../../support/find.ts';

/* The reference at /v1/docs, as a partner's browser shows it. */
const executablePath = find('chromium') ?? find('google-chrome');
if (!executablePath && process.env.CI)
  throw new Error('there is no chromium, which CI needs: .ci/programs installs it');

describe.skipIf(!executablePath)('the reference', () => {
  it('lists every resource, sends a request of its reader, and asks no other host for anything', {
    timeout: 90_000,
  }, async () => {
    const database = await createTestDatabase();
    const server = await startServer(database);
    const tenant = await createTenant(database, 'reference', 2);
    const browser = await chromium.launch({
      executablePath: executablePath as string,
      args: ['--no-sandbox'],
    });
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    const strange: string[] = [];
    const wrong: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:'))
        strange.push(request.url());
    });
    page.on('console', (message) => {
      // Swagger UI says of its own links what will be otherwise some day
      if (message.type() === 'error' && !message.text().startsWith('Deprecated:')) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(`${server.url}/v1/docs#/projects/list_projects`);
    await page.getByRole('link', { name: 'webhook_endpoints' }).waitFor();
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    await page.getByLabel('auth-bearer-value').first().fill(tenant.apiKey);
    await page
      .locator('.auth-container form')
      .first()
      .getByRole('button', { name: 'Apply credentials' })
      .click();
    await page.getByRole('button', { name: 'Close' }).first().click();
    const operation = page.locator('#operations-projects-list_projects');
    await operation.waitFor();
    if ((await operation.getByRole('button', { name: 'Execute' }).count()) === 0)
      await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation
      .locator('.live-responses-table .response-col_status')
      .filter({ hasText: '200' })
      .waitFor();
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
    expect(await operation.locator('.live-responses-table').textContent()).toContain('reference 2');
    expect(strange).toEqual([]);
    expect(wrong).toEqual([]);
  });
});
