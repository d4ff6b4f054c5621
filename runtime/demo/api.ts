import { type GraphqlAnswer, sendGraphql } from '../graphql.ts';
import { expect } from './story.ts';

type GraphqlError = NonNullable<GraphqlAnswer<unknown>['errors']>[number];

// biome-ignore lint/suspicious/noExplicitAny: the shape is that of each query, and every use is checked by an expectation.
type Data = any;

/** The frontend of one member or key: sends GraphQL as a browser would. */
export function createFrontend(url: string, apiKey: string) {
  const send = (query: string, variables: object = {}) =>
    sendGraphql<Data>(url, apiKey, query, variables, 15_000);
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
