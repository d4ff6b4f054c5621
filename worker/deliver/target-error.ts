/** Why a URL was not called. Its message is shown to the endpoint's owner, and tells nothing of our own network. */
export class TargetError extends Error {
  override name = 'TargetError';
}
