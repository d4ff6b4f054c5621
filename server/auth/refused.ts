/** The credential was refused; `sqlstate` is one of platform.error, and the cause is for the log. */
export class RefusedError extends Error {
  readonly sqlstate: string;

  constructor(sqlstate: string, options?: ErrorOptions) {
    super(`the credential was refused (${sqlstate})`, options);
    this.name = 'RefusedError';
    this.sqlstate = sqlstate;
  }
}
