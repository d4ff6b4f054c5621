import { registerHooks } from 'node:module';

/*
 * GitHub's parser is written for bundlers: it imports its schema, which is JSON, without saying so (type: json), and Node refuses. Node's own
 * hook says it, for the packages of @actions alone.
 */
const hooks = registerHooks({
  load: (url, context, next) =>
    next(
      url,
      /\/@actions\/[^?]*\.json$/.test(url)
        ? { ...context, importAttributes: { ...context.importAttributes, type: 'json' } }
        : context,
    ),
});

const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import(
  '@actions/workflow-parser'
);
hooks.deregister();

export interface Mistake {
  /** Counted from 1. */
  line: number;
  message: string;
}

/** What GitHub would refuse in a workflow. */
export async function mistakesOf(name: string, content: string): Promise<Mistake[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value) await convertWorkflowTemplate(context, value);
  return context.errors
    .getErrors()
    .map((error) => ({ line: error.range?.start.line ?? 1, message: error.rawMessage }));
}
