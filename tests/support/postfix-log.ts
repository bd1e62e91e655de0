/** A message in Postfix' log. `isActive`: its queue manager has it in the active queue, so it was certainly taken. */
export type LoggedMessage = { messageId: string; isActive?: boolean };

/** A log of messages that Postfix took `at` one moment; its first and last entries are of `from` and `until`. */
export function postfixLog(
  messages: readonly LoggedMessage[],
  { at, from, until }: { at: Date; from: Date; until: Date },
): string {
  const lines = messages.flatMap(({ messageId, isActive = true }, number) => {
    const queueId = `4jXb1d5yLkz${number}`;
    const taken = [
      logEntry(at, `smtpd[1]: ${queueId}: client=unknown[127.0.0.1]`),
      logEntry(at, `cleanup[2]: ${queueId}: message-id=${messageId}`),
    ];
    const active = logEntry(at, `qmgr[3]: ${queueId}: from=<x@y.example>, size=1, nrcpt=1 (queue active)`);
    return isActive ? [...taken, active] : taken;
  });
  return [fillerEntry(from), ...lines, fillerEntry(until)].join('');
}

const logEntry = (at: Date, text: string) => `${at.toISOString()} mx postfix/${text}\n`;
const fillerEntry = (at: Date) => logEntry(at, 'anvil[9]: statistics: max cache size 1');
