/** Measures for how long something was due and the mail server took nothing. */
export type SilenceMeter = {
  /**
   * @param moment.at in milliseconds
   * @param moment.isDue undefined: it cannot be known now, and is as it was
   */
  record(moment: { at: number; messages: number; isDue: boolean | undefined }): void;
  /** The longest so far, in milliseconds. */
  longestMs(): number;
};

export function createSilenceMeter(): SilenceMeter {
  let longestMs = 0;
  let known = { messages: -1, isDue: false };
  /** Undefined while nothing is due. */
  let quietSince: number | undefined;
  return {
    record: ({ at, messages, isDue = known.isDue }) => {
      if (quietSince !== undefined) longestMs = Math.max(longestMs, at - quietSince);
      if (!isDue) quietSince = undefined;
      else if (quietSince === undefined || messages > known.messages) quietSince = at;
      known = { messages, isDue };
    },
    longestMs: () => longestMs,
  };
}
