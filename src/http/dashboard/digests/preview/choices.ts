import type { ListHead } from '../../../../deliveries/preview/parts.js';
import { countNoun } from '../../../../platform/text/count-noun.js';
import { canonicalLanguageTag } from '../../../../platform/text/language-tag.js';
import type { Publication } from '../../../../publications/publication.js';
import { lookQuery, type Look } from './look.js';

/** One of several ways to look at a mail: a link that changes one thing, and leaves the others. */
type Choice = { label: string; query: string; current: boolean };

/** What can be chosen for a mail. */
type ChoiceInput = {
  languages: readonly string[];
  /** That of the mail. */
  language: string;
  publication: Pick<Publication, 'topics' | 'contentMode'>;
  lists: readonly ListHead[];
  /** The list that is shown. */
  listId: string | undefined;
};

type Row = { label: string; choices: Choice[] };

/** The rows of links above a mail. */
export function describeChoices(look: Look, input: ChoiceInput): Row[] {
  const rows = [
    rowOf(look, 'Shown as', 'view', [
      ['Email', 'html'],
      ['Plain text', 'text'],
      ['Source', 'source'],
    ]),
    ...(look.view === 'html' ? frameRows(look) : []),
    ...(look.reader === undefined ? kindRows(look, input) : []),
  ];
  return rows.filter(({ choices }) => choices.length > 1);
}

function rowOf<Name extends keyof Look>(
  look: Look,
  label: string,
  name: Name,
  values: [string, Look[Name]][],
  current: Look[Name] = look[name],
): Row {
  return {
    label,
    choices: values.map(([word, value]) => ({
      label: word,
      query: lookQuery({ ...look, [name]: value }),
      current: current === value,
    })),
  };
}

function frameRows(look: Look): Row[] {
  return [
    rowOf(look, 'Width', 'width', [
      ['Desktop', 'desktop'],
      ['Phone', 'phone'],
    ]),
    rowOf(look, 'Colours', 'theme', [
      ['Light', 'light'],
      ['Dark', 'dark'],
    ]),
    rowOf(look, 'Pictures', 'pictures', [
      ['On', 'on'],
      ['Off', 'off'],
    ]),
  ];
}

/** Which kinds of readers there are: by language, by what they chose, and by the lists that a digest was planned with. */
function kindRows(look: Look, { languages, language, publication, lists, listId }: ChoiceInput): Row[] {
  const languageRow = languages.map((each): [string, string] => [languageName(each), each]);
  const topics = lists.length > 0 ? [] : publication.topics.map((topic): [string, string] => [topic, topic]);
  const own = publication.contentMode === 'full' ? 'Full texts' : 'Summaries';
  return [
    // A list has its own language and format.
    rowOf(
      { ...look, language: undefined, format: undefined },
      'List',
      'list',
      lists.map((list) => [describeList(list), list.id]),
      listId ?? 'none',
    ),
    rowOf(look, 'Language', 'language', languageRow, language),
    rowOf(look, 'Her choice', 'format', [
      [`As set: ${own.toLowerCase()}`, undefined],
      publication.contentMode === 'full' ? ['Summaries', 'summary'] : ['Full texts', 'full'],
      ['No pictures', 'without-pictures'],
    ]),
    rowOf(look, 'Topic', 'topic', topics.length === 0 ? [] : [['All', undefined], ...topics]),
  ];
}

/** "Swahili, 3 articles, full texts, no pictures". */
function describeList({ locale, articleIds, format, withoutPictures }: ListHead): string {
  return [
    languageName(locale),
    countNoun(articleIds.length, 'article'),
    ...(format === null ? [] : [format === 'full' ? 'full texts' : 'summaries']),
    ...(withoutPictures ? ['no pictures'] : []),
  ].join(', ');
}

const names = new Intl.DisplayNames('en', { type: 'language' });

function languageName(language: string): string {
  const tag = canonicalLanguageTag(language);
  return (tag !== undefined && names.of(tag)) || language;
}
