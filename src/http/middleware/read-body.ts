import express, { type Request, type RequestHandler, type Response } from 'express';

const KB = 1024;
const MB = 1024 * KB;

/** The least that a body counts: what an open request costs in any case. */
const MIN_HELD_BYTES = 16 * KB;

/** So much comes in at once that this request was not read. */
export class TooManyBodiesError extends Error {}

/**
 * Bytes of bodies that this process may hold at a time, for requests of one kind, from being read until they are
 * answered.
 */
type BodyBudget = { hold(res: Response, bytes: number): void };

function createBodyBudget(maxBytes: number): BodyBudget {
  let held = 0;
  return {
    hold: (res, bytes) => {
      const counted = Math.max(bytes, MIN_HELD_BYTES);
      if (held + counted > maxBytes) throw new TooManyBodiesError('Too many bodies at once');
      // Of a connection that was cut before this no event comes.
      if (res.closed) return;
      held += counted;
      res.once('close', () => void (held -= counted));
    },
  };
}

/** Reads the body into `req.body`. Called by a handler once it knows that there is what the path names. */
type BodyReader = (req: Request, res: Response) => Promise<void>;

/**
 * @param parse one of Express's parsers, with this limit
 * @throws from the reader: what the parser throws (413, 415 …), 400 for a body that was cut off, TooManyBodiesError
 */
function createBodyReader(
  parse: RequestHandler,
  { maxBytes, budget }: { maxBytes: number; budget: BodyBudget },
): BodyReader {
  return async (req, res) => {
    budget.hold(res, bytesToHold(req, maxBytes));
    await new Promise<void>((resolve, reject) => {
      void parse(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
    });
    // The parsers take a request that was cut off before they began for one without a body.
    if (req.destroyed && !req.complete)
      throw Object.assign(new Error('The request was cut off'), { status: 400 });
  };
}

/** What a request says of its body's length, if that is the length in memory too. */
function bytesToHold(req: Request, maxBytes: number): number {
  const length = Number(req.get('content-length'));
  const isKnown = Number.isSafeInteger(length) && req.get('content-encoding') === undefined;
  return isKnown ? Math.min(length, maxBytes) : maxBytes;
}

const FORM_MAX_BYTES = 10 * KB;

/** 1000 forms of the size they may have at most: pages behind a link or a session. */
const formBudget = createBodyBudget(1000 * MIN_HELD_BYTES);

/** A form of one of our pages. */
export const readForm = createBodyReader(express.urlencoded({ extended: false, limit: FORM_MAX_BYTES }), {
  maxBytes: FORM_MAX_BYTES,
  budget: formBudget,
});

export const DESK_FORM_MAX_BYTES = 100 * KB;

/** A form of the operators' pages: a thousand characters of Chinese are nine thousand bytes of a form, and go twice. */
export const readDeskForm = createBodyReader(
  express.urlencoded({ extended: false, limit: DESK_FORM_MAX_BYTES }),
  { maxBytes: DESK_FORM_MAX_BYTES, budget: createBodyBudget(16 * MB) },
);

const KEPT_FORM_MAX_BYTES = 3 * DESK_FORM_MAX_BYTES;

/** A form of the pages that sign in, with another form in one of its fields. */
export const readKeptForm = createBodyReader(
  express.urlencoded({ extended: false, limit: KEPT_FORM_MAX_BYTES }),
  { maxBytes: KEPT_FORM_MAX_BYTES, budget: createBodyBudget(32 * MB) },
);

/** The bodies that RFC 8058 section 3.2 allows for one-click unsubscribing, as they came. */
export const readOneClickBody = createBodyReader(
  express.raw({
    type: ['multipart/form-data', 'application/x-www-form-urlencoded'],
    limit: FORM_MAX_BYTES,
  }),
  { maxBytes: FORM_MAX_BYTES, budget: formBudget },
);

const SIGN_UP_MAX_BYTES = 20 * KB;
const parseSignUpForm = express.urlencoded({ extended: false, limit: SIGN_UP_MAX_BYTES });
const parseSignUpJson = express.json({ limit: SIGN_UP_MAX_BYTES });

/** A sign-up form, as a page or a program sends it; anybody may. */
export const readSignUp = createBodyReader(
  (req, res, next) => (req.is('json') ? parseSignUpJson : parseSignUpForm)(req, res, next),
  { maxBytes: SIGN_UP_MAX_BYTES, budget: createBodyBudget(32 * MB) },
);

/** A form that was made for another product, as it came: pages send these in all three ways that browsers know. */
export const readOtherForm = createBodyReader(
  express.raw({
    type: ['application/x-www-form-urlencoded', 'multipart/form-data', 'application/json'],
    limit: SIGN_UP_MAX_BYTES,
  }),
  { maxBytes: SIGN_UP_MAX_BYTES, budget: createBodyBudget(32 * MB) },
);

const API_MAX_BYTES = 2 * MB;

/** What a program with a token sends. */
export const readApiJson = createBodyReader(express.json({ limit: API_MAX_BYTES, strict: true }), {
  maxBytes: API_MAX_BYTES,
  budget: createBodyBudget(64 * MB),
});

const HOOK_MAX_BYTES = 8 * MB;

/** What a provider of mail tells of it, as it came: its signature is over the bytes. */
export const readHookBody = createBodyReader(express.raw({ type: () => true, limit: HOOK_MAX_BYTES }), {
  maxBytes: HOOK_MAX_BYTES,
  budget: createBodyBudget(64 * MB),
});

/** A hub's notification is read piece by piece: it counts as little as a request can. */
const streamBudget = createBodyBudget(250 * MIN_HELD_BYTES);

/**
 * The body piece by piece, so that none of it has to be held.
 * @throws while it is read: status 413 for one that is longer, TooManyBodiesError
 */
export async function* streamBody(req: Request, res: Response, maxBytes: number): AsyncGenerator<Buffer> {
  streamBudget.hold(res, 0);
  if (Number(req.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw tooLarge();
    yield chunk as Buffer;
  }
}

function tooLarge(): Error {
  return Object.assign(new Error('The body is too large'), { status: 413 });
}
