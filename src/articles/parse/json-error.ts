/** Where JSON breaks, both from 1. Undefined for JSON that is whole and for what does not begin like JSON. */
export function findJsonError(text: string): { line: number; column: number } | undefined {
  const json = text.replace(/^\ufeff/, '');
  if (!/^\s*[{[]/.test(json) || tryParse(json) === 'whole') return undefined;
  const lines = json.slice(0, findErrorOffset(json)).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

/** The longest beginning that more text could make whole. Not every engine's error says where it stands. */
function findErrorOffset(json: string): number {
  let [good, bad] = [0, json.length + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (tryParse(json.slice(0, middle)) === 'broken') bad = middle;
    else good = middle;
  }
  return good;
}

function tryParse(json: string): 'whole' | 'cut off' | 'broken' {
  try {
    JSON.parse(json);
    return 'whole';
  } catch (error) {
    const message = String(error);
    const at = / at position (\d+)/.exec(message)?.[1];
    const isAtEnd = at === undefined ? /end of JSON/.test(message) : Number(at) >= json.length;
    return isAtEnd ? 'cut off' : 'broken';
  }
}
