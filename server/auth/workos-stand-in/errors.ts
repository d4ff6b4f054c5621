import type { ErrorRequestHandler, RequestHandler } from 'express';

/** An answer that is not a success, in one of WorkOS's shapes; `handleHttpError` of the SDK reads them. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.message ?? body.error_description ?? body.error));
    this.status = status;
    this.body = body;
  }
}

export interface FieldError {
  code: string;
  message: string;
  field: string;
}

/** 404, for an object that is not. */
export const notFound = (what: string, id: string): ApiError =>
  new ApiError(404, { message: `${what} not found: '${id}'.`, code: 'entity_not_found', entity_id: id });

/** 422, for input that does not fit. */
export const invalid = (...errors: FieldError[]): ApiError =>
  new ApiError(422, { message: 'Validation failed.', code: 'invalid_request_parameters', errors });

/** 409, for what is there already. */
export const conflict = (code: string, message: string): ApiError => new ApiError(409, { code, message });

/** 400, for a request that the state of things does not allow. */
export const badRequest = (code: string, message: string): ApiError => new ApiError(400, { code, message });

/** The shape of RFC 6749, section 5.2: what /authenticate answers. */
export const oauthError = (
  status: number,
  error: string,
  error_description: string,
  more: Record<string, unknown> = {},
): ApiError => new ApiError(status, { error, error_description, ...more });

export const answerUnknownPath: RequestHandler = (request) => {
  throw new ApiError(404, { message: `Cannot ${request.method} ${request.path}`, code: 'not_found' });
};

/** The last handler: every error becomes JSON, which the SDK expects of each answer. */
export const answerError =
  (report: (message: string, error: unknown) => void): ErrorRequestHandler =>
  (error, request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof ApiError) return void response.status(error.status).json(error.body);
    // The body parsers say with `status` what was wrong with a body.
    const { status, message } = error as { status?: number; message: string };
    if (typeof status === 'number' && status < 500)
      return void response.status(status).json({ message, code: 'invalid_request' });
    report(`the stand-in failed at ${request.method} ${request.path}`, error);
    response
      .status(500)
      .json({ message: 'The stand-in failed; its output says how.', code: 'internal_error' });
  };
