import { describeHold } from '../../../articles/release/describe-hold.js';
import type { Home } from '../../../dashboard/home.js';
import { describeHealth, type HealthArea, type HealthItem } from '../../../dashboard/health-items.js';
import { digestName } from '../../../digests/display-name.js';
import { describeStateReason } from '../../../digests/state-reason.js';
import { isPostalAddressMissing } from '../../../digests/postal-address.js';
import type { Context } from '../../../platform/context.js';
import { countNoun } from '../../../platform/text/count-noun.js';
import { formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { Publication } from '../../../publications/publication.js';
import { listDueLateLeavers } from '../../../subscribers/import/late-leavers.js';
import { countReadersWord } from '../digests/ledger-words.js';
import { describeTarget } from '../emails/email-words.js';

/** Something that waits for an operator. */
export type Need = {
  what: string;
  /** What readers notice of it. */
  readers: string;
  /** Where it is mended: below the publication's pages, or below all. */
  button: { label: string; here: string } | { label: string; path: string };
};

/** What a page shows before the rest is folded. */
const MAX_SHOWN = 5;

/** What needs somebody, what stops most mail first. */
export function describeNeeds(
  context: Pick<Context, 'now' | 'templates'>,
  publication: Publication,
  home: Home,
): { count: number; shown: Need[]; more: Need[] } {
  const health = describeTrouble(context, publication, home);
  const ofArea = (...areas: HealthArea['id'][]) =>
    health.filter(({ area }) => areas.includes(area)).map(({ need }) => need);
  const needs = [
    ...ofArea('clock', 'jobs'),
    ...stoppedNeeds(context, home),
    ...postalNeeds(publication, home),
    ...ofArea('mail'),
    ...holdNeeds(context, home),
    ...draftNeeds(context, home),
    ...importNeeds(context, home),
    ...signUpNeeds(home),
    ...unclearNeeds(home),
    ...ofArea('feeds', 'rows'),
  ];
  return { count: needs.length, shown: needs.slice(0, MAX_SHOWN), more: needs.slice(MAX_SHOWN) };
}

function describeTrouble(
  { now, templates }: Pick<Context, 'now' | 'templates'>,
  publication: Publication,
  { health }: Home,
): { area: HealthArea['id']; need: Need }[] {
  const areas = describeHealth(health, {
    templates,
    now: now(),
    publications: [publication],
    resume: () => '',
    formatTime: (moment) => formatWeekdayTime(moment, publication.timezone, 'en'),
  });
  return areas.flatMap(({ id, items }) =>
    items.filter(({ isWell }) => !isWell).map((item) => ({ area: id, need: troubleNeed(id, item) })),
  );
}

function troubleNeed(area: HealthArea['id'], { title, says, readers }: HealthItem): Need {
  const names: Readonly<Record<HealthArea['id'], string>> = {
    mail: `Waiting: mail server trouble (${title})`,
    jobs: 'Nothing is being sent',
    clock: title,
    inbound: title,
    feeds: `A feed does not work: ${title}`,
    rows: `Left out: ${says[0] ?? ''}`,
  };
  const button =
    area === 'feeds'
      ? { label: 'To the feeds', here: '/settings/feeds' }
      : { label: 'See what to do', path: `/operator/health#${area}` };
  return { what: names[area], readers: readers ?? '', button };
}

/** Words that a digest went without, and words for a digest that is over or never came. */
function draftNeeds({ now }: Pick<Context, 'now'>, { drafts }: Home): Need[] {
  return drafts.flatMap((draft) => {
    const button = { label: 'Look at the words', here: `/emails/${draft.id}` };
    if (draft.closesAt !== null && draft.closesAt <= now()) {
      const what = `Words for ${describeTarget(draft)} were mailed to nobody`;
      return [{ what, readers: 'That digest is over, or nothing was new for it.', button }];
    }
    if (draft.missedDigestId === null) return [];
    const what = 'A digest went without the words that were written for it';
    return [
      { what, readers: `Nobody had approved them. They are for ${describeTarget(draft)} now.`, button },
    ];
  });
}

function stoppedNeeds({ templates }: Pick<Context, 'templates'>, { stopped }: Home): Need[] {
  const words = templates.operatorWords;
  return stopped.map((digest) => ({
    what: `${digest.state === 'held' ? 'Held' : 'Paused'}: ${digestName(digest, digest.subject, words)}`,
    readers: [
      describeStateReason(digest, words),
      digest.state === 'held' ? 'Its readers wait.' : 'Who has it keeps it, and the others wait.',
    ]
      .filter((sentence) => sentence !== null)
      .join(' '),
    button: { label: 'Decide', here: `/digests/${digest.id}` },
  }));
}

function postalNeeds(publication: Publication, { readers: { counts } }: Home): Need[] {
  if (!isPostalAddressMissing(publication) || counts.confirmed === 0) return [];
  return [
    {
      what: 'There is no postal address',
      readers:
        'Digests are held until there is one: the law of many countries asks for it below every newsletter. A P.O. box is fine.',
      button: { label: 'Enter it', here: '/settings/sender' },
    },
  ];
}

function holdNeeds({ templates }: Pick<Context, 'templates'>, { holds }: Home): Need[] {
  return holds.map((hold) => ({
    what:
      hold.count === 1
        ? `Held article: ${hold.titles[0] ?? ''}`
        : `Held: ${hold.count.toLocaleString('en')} articles`,
    readers: `${describeHold(hold, templates.operatorWords)} Nobody gets ${hold.count === 1 ? 'it' : 'them'} until you decide.`,
    button: { label: 'Decide', here: `/articles/holds/${hold.id}` },
  }));
}

/** Readers of an import of whom no more are started, files that cannot be read, and who left at the old product since. */
function importNeeds({ now }: Pick<Context, 'now'>, { imports }: Home): Need[] {
  const stopped = imports
    .filter(({ state, startStopped }) => state === 'added' && startStopped === 'bounces')
    .map(({ id, productName }) => ({
      what: `Too many mails to readers from ${productName} bounced`,
      readers: 'No more of them are started. Who was started goes on.',
      button: { label: 'See what to do', here: `/readers/import/${id}` },
    }));
  const late = listDueLateLeavers(imports, now()).map(({ productName }) => ({
    what: `Late unsubscribes from ${productName}`,
    readers: `Links in its old emails still lead there: who left by one since is mailed here until you add that file.`,
    button: { label: 'Import them', here: '/readers/import' },
  }));
  return [...stopped, ...late];
}

function signUpNeeds({ underAttack, heldSignUps }: Home): Need[] {
  if (!underAttack && heldSignUps === 0) return [];
  const waiting = `${countNoun(heldSignUps, 'sign-up')} ${heldSignUps === 1 ? 'waits' : 'wait'}`;
  const forms = 'Forms ask for a second of work first; readers can still sign up.';
  return [
    {
      what: underAttack ? 'Sign-up protection is on' : `Held: ${countNoun(heldSignUps, 'sign-up')}`,
      readers: underAttack
        ? [forms, ...(heldSignUps > 0 ? [`${waiting} for you.`] : [])].join(' ')
        : `Nobody is mailed for ${heldSignUps === 1 ? 'it' : 'them'} until you decide; what nobody decides on within 7 days is deleted.`,
      button: { label: 'Look at them', here: '/readers/held' },
    },
  ];
}

function unclearNeeds({ last }: Home): Need[] {
  if (last === undefined || last.counts.uncertain === 0) return [];
  return [
    {
      what: `Unclear: ${countNoun(last.counts.uncertain, 'mail')} of the last digest`,
      readers: `${countReadersWord(last.counts.uncertain)} may have it, or may not: the connection broke before the answer came.`,
      button: { label: 'Decide', here: `/digests/${last.id}/deliveries?state=uncertain` },
    },
  ];
}
