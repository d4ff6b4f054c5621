/** What GraphQL answers. */
export interface GraphqlAnswer<Data> {
  data?: Data;
  errors?: {
    message: string;
    extensions?: { code?: string; detail?: string; remedy?: string; requestId?: string };
  }[];
}

/** Sends one operation by a key, as a frontend would. @throws what fetch does, also when there is no answer in time */
export async function sendGraphql<Data>(
  url: string,
  apiKey: string,
  query: string,
  variables: object,
  timeoutMs: number,
): Promise<GraphqlAnswer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return (await response.json()) as GraphqlAnswer<Data>;
}
