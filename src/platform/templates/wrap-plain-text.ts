/** Commands are copied into a shell, which would run the first line of one that is broken. */
const COMMAND_LINE = /^npx paperround /;

/** Plain text in lines of 72 characters where spaces allow it (RFC 3676 section 4.2): no URL and no command is broken. */
export function wrapPlainText(text: string): string {
  const lines = text.split('\n').map((line) => (COMMAND_LINE.test(line) ? line : wrapLine(line.trimEnd())));
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** Continuation lines are indented like the text of the first: behind its spaces and list dash. */
function wrapLine(line: string): string {
  const indent = /^ *(?:- )?/.exec(line)?.[0] ?? '';
  const lines = [''];
  for (const word of line.slice(indent.length).split(' ')) {
    const last = lines.length - 1;
    const longer = lines[last] ? `${lines[last]} ${word}` : word;
    if (estimateWidth(indent + longer) > 72 && lines[last]) lines.push(word);
    else lines[last] = longer;
  }
  return indent + lines.join(`\n${' '.repeat(indent.length)}`);
}

/** A placeholder counts as 28 characters: what will fill it, an address or a date, is longer than its name. */
function estimateWidth(line: string): number {
  return line.replace(/\uE000\w+\uE001/g, '_'.repeat(28)).length;
}
