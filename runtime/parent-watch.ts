// Preloaded (node --import) into the processes that npm start supervises: when npm start is gone, even by kill -9, they
// stop as if asked to. Nothing in server or worker needs to know.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The channel alone keeps no process alive.
process.channel?.unref();
