// The product itself, with a word to the bench when it is ready.
const port = process.env.PORT;
await import('../../server/main.ts');
for (;;) {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  if (answer?.ok) break;
}
process.send?.('ready');
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
