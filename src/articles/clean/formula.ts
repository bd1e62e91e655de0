const OPENING = /<math\b[^<>]*>/gi;
const CLOSING = /<\/math\s*>/gi;
const ALT_TEXT = /\salttext\s*=\s*(?:"([^"]*)"|'([^']*)')/i;
const TEX_ANNOTATION = /<annotation\b[^<>]*\bx-(?:la)?tex\b[^<>]*>([^<]*)/i;
/** KaTeX and MathJax put MathML for screen readers beside the same formula in plain elements. */
const BESIDE_WORDS = /(?:katex-mathml|MJX_Assistive_MathML)[^<>]{0,200}>\s*$/;
const KATEX_WORDS = /^\s*<\/span>\s*<span[^<>]*katex-html/;
const TEX_SCRIPT = /<script\b[^<>]*\btype=["']math\/tex\b[^<>]*>([^<]*)<\/script\s*>/gi;

/**
 * HTML with its formulas as words, since no mail program draws MathML: in the TeX that comes with one, else as one would type
 * it, `(a+b)/2`.
 */
export function spellFormulas(html: string): string {
  let spelled = '';
  let at = 0;
  OPENING.lastIndex = 0;
  for (let open = OPENING.exec(html); open; open = OPENING.exec(html)) {
    CLOSING.lastIndex = OPENING.lastIndex;
    const close = CLOSING.exec(html);
    if (close === null) break;
    const before = html.slice(at, open.index);
    const end = CLOSING.lastIndex;
    const isDouble =
      BESIDE_WORDS.test(before.slice(-300)) &&
      (!before.slice(-300).includes('katex-mathml') || KATEX_WORDS.test(html.slice(end, end + 300)));
    const inside = html.slice(OPENING.lastIndex, close.index);
    spelled += before + (isDouble ? '' : spellFormula(open[0], inside));
    at = end;
    OPENING.lastIndex = end;
  }
  // One without an end is only a beginning.
  const rest = spelled + html.slice(at).replace(OPENING, '');
  return rest.includes('class="MathJax"')
    ? rest
    : rest.replace(TEX_SCRIPT, (_, tex: string) => escapeTex(tex));
}

function spellFormula(openingTag: string, inside: string): string {
  const [, double, single] = ALT_TEXT.exec(openingTag) ?? [];
  const tex = double ?? single ?? TEX_ANNOTATION.exec(inside)?.[1];
  return tex !== undefined && tex.trim() !== '' ? escapeTex(tex) : spellElements(inside);
}

/** TeX as its author wrote it, without what only makes it large. References in it stay references. */
function escapeTex(tex: string): string {
  return tex
    .trim()
    .replace(/^\{\\displaystyle\s+([^]*)\}$/, '$1')
    .trim()
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

type Element = { name: string; parts: string[] };

const TOKEN = /<(\/?)(?:[a-z]+:)?([a-z-]+)[^<>]*?(\/?)>|([^<]+)|</gi;

/** MathML Core elements from the inside out, each as one would type it. */
function spellElements(mathml: string): string {
  const open: Element[] = [{ name: 'math', parts: [] }];
  for (const [, slash, tag = '', selfClosed, text] of mathml.matchAll(TOKEN)) {
    const name = tag.toLowerCase();
    const top = open.at(-1);
    if (text !== undefined)
      top?.parts.push(
        text.trim().replace(/[\u2061-\u2064]|&(?:ApplyFunction|InvisibleTimes|#x206[1-4]);/gi, ''),
      );
    else if (name !== '' && slash === '' && selfClosed === '') open.push({ name, parts: [] });
    else if (slash === '/' && top?.name === name && open.length > 1) closeElement(open);
  }
  while (open.length > 1) closeElement(open);
  return spellParts('math', open[0]?.parts ?? []);
}

function closeElement(open: Element[]): void {
  const { name, parts } = open.pop() ?? { name: '', parts: [] };
  open.at(-1)?.parts.push(spellParts(name, parts));
}

function spellParts(name: string, parts: readonly string[]): string {
  const [first = '', second = '', third = ''] = parts.filter((part) => part !== '');
  switch (name) {
    case 'mfrac':
      return `${group(first)}/${group(second)}`;
    case 'msup':
    case 'mover':
      return `${group(first)}^${group(second)}`;
    case 'msub':
    case 'munder':
      return `${group(first)}_${group(second)}`;
    case 'msubsup':
    case 'munderover':
      return `${group(first)}_${group(second)}^${group(third)}`;
    case 'msqrt':
      return `√${group(parts.join(''))}`;
    case 'mroot':
      return `${group(first)}^(1/${group(second)})`;
    case 'mtd':
      return `${parts.join('')} `;
    case 'mtr':
      return `${parts.join('').trim()}; `;
    case 'mtable':
      return parts.join('').replace(/; $/, '');
    case 'annotation':
    case 'annotation-xml':
      return '';
    default:
      return parts.join('');
  }
}

/** What is more than one letter or number needs brackets to stay together. */
function group(text: string): string {
  return /^(?:|.\p{M}*|[\d.,]+|&#?\w+;)$/u.test(text) ? text : `(${text})`;
}
