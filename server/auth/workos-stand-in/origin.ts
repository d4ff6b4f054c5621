import type { RequestHandler } from 'express';
import { ApiError } from './errors.ts';

/** Refuses the forms of other sites. Who sends no Origin is no browser, and may do what everybody on this machine may. */
export const demandOwnOrigin: RequestHandler = (request, _response, next) => {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    throw new ApiError(403, { message: `A form of ${origin} is not the stand-in's own.`, code: 'forbidden' });
  next();
};
