import { setTimeout as pause } from 'node:timers/promises';

// The product itself, with a word to the bench when it is ready.
const port = process.env.PORT;
await import('../../server/main.ts');
for (const end = Date.now() + 30_000; ; await pause(20)) {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  if (answer?.ok) break;
  if (Date.now() > end) throw new Error('the product is not ready after 30 s');
}
process.send?.('ready');
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
