import { registerHooks } from 'node:module';

/*
 * Preloaded into the server by the drill n-plus-one (NODE_OPTIONS): it puts a plugin among those of server/graphql/preset.ts that asks the database once for each row, as a plugin
 * does that was written without thinking of lists.
 */
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/server/graphql/preset.ts')) return loaded;
    const source = String(loaded.source);
    const marked = source.replace('plugins: [', 'plugins: [onceForEachRow, ');
    if (marked === source) throw new Error('the drill found no list of plugins in server/graphql/preset.ts');
    return {
      ...loaded,
      source: `import { onceForEachRow } from '../../runtime/drill/once-for-each-row.ts';\n${marked}`,
    };
  },
});
