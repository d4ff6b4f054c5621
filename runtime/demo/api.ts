import { expect } from './story.ts';

export interface GraphqlError {
  message: string;
  extensions?: { code?: string; detail?: string; remedy?: string; requestId?: string };
}

// biome-ignore lint/suspicious/noExplicitAny: the shape is that of each query, and every use is checked by an expectation.
type Data = any;

/** The frontend of one member or key: sends GraphQL as a browser would. */
export function createFrontend(url: string, apiKey: string) {
  const send = async (
    query: string,
    variables: object = {},
  ): Promise<{ data?: Data; errors?: GraphqlError[] }> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(15_000),
    });
    return (await response.json()) as { data?: Data; errors?: GraphqlError[] };
  };
  return {
    /** @throws NotSeen when there is an error */
    async ask(query: string, variables?: object): Promise<Data> {
      const { data, errors } = await send(query, variables);
      expect(!errors, `the API answered ${JSON.stringify(errors)}`);
      return data;
    },
    /** The error that the API must answer with. @throws NotSeen when it answers with data, or another code */
    async refused(code: string, query: string, variables?: object): Promise<GraphqlError> {
      const { data, errors } = await send(query, variables);
      const error = errors?.[0];
      expect(error, `the API did not refuse, but answered ${JSON.stringify(data)}`);
      expect(error.extensions?.code === code, `the API refused with ${JSON.stringify(error)}, not ${code}`);
      return error;
    },
  };
}

export type Frontend = ReturnType<typeof createFrontend>;
