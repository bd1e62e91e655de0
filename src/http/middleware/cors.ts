import type { Response } from 'express';

/** Lets pages of every site read this response, without credentials. For public data only. */
export function allowAllOrigins(res: Response): Response {
  return res.set({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' });
}
