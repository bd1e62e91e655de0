/** Commands are not wrapped: copied into a shell, each line would run by itself. */
const COMMAND_LINE = /^npx paperround /;

/** Wraps plain text at 72 characters (RFC 3676 section 4.2), only at spaces: URLs stay whole. */
export function wrapPlainText(text: string): string {
  const lines = text.split('\n').map((line) => (COMMAND_LINE.test(line) ? line : wrapLine(line.trimEnd())));
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** Continuation lines are indented like the text of the first line, behind its list dash. */
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

/**
 * A placeholder counts as 28 characters, since its value, an address or a date, is longer than its name; `how`, half a sentence, as
 * nearly a line.
 */
function estimateWidth(line: string): number {
  return line.replace(/\uE000(\w+)\uE001/g, (_, name) => '_'.repeat(name === 'how' ? 66 : 28)).length;
}
