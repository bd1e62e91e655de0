/** What a rate counts in: windows that begin with each second, minute, hour and day of UTC. */
export type Span = 'second' | 'minute' | 'hour' | 'day';

/** Most messages in one window of each span. */
export type Rates = { readonly [span in Span]?: number };

/** How much of a mail server may be used. */
export type Limits = {
  /** Its share of the work, beside the weights of the others. */
  weight: number;
  rates: Rates;
  /** Messages on its first day; each day twice as many, until the day's limit. */
  warmUp?: number | undefined;
};

/** A server of SMTP_URL that has its row. */
export type RegisteredTransport = {
  readonly id: number;
  /** Host and port. */
  readonly name: string;
  readonly limits: Limits;
  /** Null until it is first used. Whoever learns it keeps it here, so that it is asked for once. */
  firstUsedAt: Date | null;
};
