import { createTemplates, type TemplateData } from '../../../src/platform/templates/templates.js';

export const templates = createTemplates({ dir: 'templates' });

export const publication = {
  slug: 'lantern',
  name: 'The Harbour Lantern',
  siteUrl: 'https://lantern.example',
  fromName: 'The Harbour Lantern',
  fromAddress: 'news@lantern.example',
  postalAddress: '4 Quay Street, Marrowby',
  contact: 'desk@lantern.example',
  locale: 'en',
  archive: 'public',
  archivedAt: null,
  timezone: 'Africa/Nairobi',
  accent: null,
  privacyUrl: 'https://lantern.example/privacy',
  logo: null,
};

const at = new Date('2026-09-22T11:02:00Z');
const email = 'a.reader.with.quite.a.long.name@example.com';
const reader = { publication, email, maskedEmail: 'a•••••@example.com', token: 'tok' };
const choices = {
  chosen: { cadence: 'weekly', hour: 7, weekday: 1, dayOfMonth: 1, timezone: 'Africa/Nairobi', topics: [] },
  cadences: ['instant', 'daily', 'weekly', 'monthly'],
  hours: [{ value: 7, label: '07:00' }],
  weekdays: [{ value: 1, label: 'Monday' }],
  days: [1, 2],
  zoneGroups: [
    { region: 'Africa', zones: [{ name: 'Africa/Nairobi', label: 'Nairobi (UTC+3)', oldName: null }] },
  ],
  topics: [{ name: 'Harbour', ticked: true }],
};
const subscription = {
  status: 'confirmed',
  timezone: 'Africa/Nairobi',
  confirmedAt: at,
  createdAt: at,
  unsubscribedAt: at,
  pausedUntil: at,
  catchUp: false,
  atMostDaily: true,
  format: 'full',
  topics: ['Harbour'],
};
const confirmed = {
  subscription,
  nextDigest: 'soon',
  sent: null,
  manageUrl: '/manage/tok',
  unsubscribeUrl: '/unsubscribe/tok',
};
const asked = {
  subscription,
  nextDigest: 'soon',
  mayHaveFewer: false,
  mayPause: false,
  nowFewer: false,
  nowPaused: false,
};
const left = {
  subscription,
  zone: 'Africa/Nairobi',
  erased: false,
  blocked: false,
  hasSaidNever: false,
  isRecent: false,
  canUndo: false,
  maySignUp: false,
  reasons: ['too-many', 'not-relevant', 'never-asked', 'other'],
  reason: null,
  thanked: false,
  dataLink: null,
};
const ended = { leftAt: at, zone: 'Africa/Nairobi' };
/** Whose subscription has not ended. */
const neverLeft = { leftAt: null, zone: 'Africa/Nairobi' };
const settings = {
  ...reader,
  ...confirmed,
  undoToken: null,
  isOneHourLink: false,
  isOneHourLinkExpired: false,
  pendingAddress: null,
  mayChangeAddress: true,
  suppression: null,
  formOutcome: null,
  isChangeable: true,
  receivesMail: true,
  saved: 'topics',
  mistake: null,
  form: choices,
  pause: { min: '2026-09-23', max: '2027-09-22', length: 'date', until: '', catchUp: true, broken: false },
  log: [
    { subject: 'Nobody owns the yellow buoy', at, status: 'accepted' },
    { subject: null, at, status: 'onItsWay' },
    { subject: 'Storm', at, status: 'noMailbox' },
  ],
};
const typo = { field: 'email', message: 'Did you mean a@gmail.com?', suggestion: 'a@gmail.com' };

/** What every page with the rail is given; `here` as it is with PUBLIC_URL=https://site.example/news. */
const frame = {
  here: '/news/operator/publications/lantern',
  may: { change: true, own: true },
  formKey: '6f1e7a52-0000-4000-8000-000000000000',
  rail: null,
};
/** A page with a form of settings. */
const welcome = {
  ...{ name: 'welcomeText', label: 'Text', kind: 'words', help: 'Markdown.' },
  ...{ value: 'Hello', seen: 'Hello', mistake: null },
};
const form = {
  ...{ ...frame, publication, flash: null, action: '/look/welcome', zoneGroups: [], mistakes: [] },
  groups: [{ id: 'words', heading: 'Your own words', about: 'At its beginning.', fields: [welcome] }],
};
const mistake = { ...welcome, mistake: 'Too long.' };
const mistaken = {
  ...form,
  mistakes: [mistake],
  groups: [{ id: 'words', heading: 'Words', fields: [mistake] }],
};
const snippets = {
  otherForms: {
    listmonk: 'https://mail.example/subscription/form',
    listmonkApi: 'https://mail.example/api/public/subscription',
    mailchimp: 'https://mail.example/subscribe/post',
    lists: '736e00623f',
  },
  ...{
    ...frame,
    publication,
    theme: null,
    mistakes: [],
    sentences: ['No prompt.'],
    prompt: 'none',
    button: '',
  },
  snippets: { script: '<script></script>', isolated: '<p>', plain: '<p>', link: '<a>', button: '<a>' },
  ...{ buttonWord: 'Subscribe', buttonColour: '#9a3412' },
  fields: [{ name: 'atMost', label: 'Prompts', value: '3', mistake: null }],
};
const trouble = {
  ...{ title: 'https://x.example/feed', isWell: false, says: ['It is gone.'], readers: 'Nothing new.' },
  ...{ todo: ['Remove it.'], commands: [] },
};
const ledger = {
  planned: 10,
  queued: 1,
  sending: 1,
  accepted: 4,
  deferred: 1,
  rejected: 1,
  uncertain: 1,
  skipped: 1,
};
const need = {
  ...{ what: 'There is no postal address', readers: 'Digests are held.' },
  button: { label: 'Enter it', here: '/settings/sender' },
};
const figure = { label: 'Confirmed', icon: 'good', count: 1204, change: '+12 in 30 days', path: '/readers' };
const busy = {
  ...{
    ...frame,
    publication,
    flash: 'Held.',
    writePath: '/emails/new',
    articlesPath: '/articles',
    feedSeen: '',
  },
  needs: {
    ...{ count: 3, shown: [need, { ...need, button: { label: 'See', path: '/operator/health#jobs' } }] },
    more: [need],
  },
  goingOut: [
    {
      ...{ cadence: 'daily', name: 'Daily', when: 'Tue 1 Dec, 07:00 (Nairobi)', readers: 1204 },
      ...{ readersPath: '/readers?rhythm=daily', articles: '1 article: One', state: 'On its way.' },
      ...{ digestPath: '/digests/d1', previewPath: '/digests/d1/preview', mayHold: true },
      words: { path: '/emails/d1', label: 'It goes with your words' },
    },
    {
      ...{
        cadence: 'instant',
        name: 'Each article',
        when: 'within minutes',
        readers: 1,
        readersPath: '/readers',
      },
      ...{
        articles: 'nothing new yet',
        state: null,
        digestPath: '/digests/d2',
        previewPath: null,
        mayHold: false,
      },
    },
  ],
  last: {
    ...{ id: 'd1', subject: 'Nobody owns the yellow buoy', state: 'sending', sent: 'now', sentence: '' },
    figures: [{ state: 'accepted', number: '4', words: 'of 10 accepted' }],
  },
  nothingYet: null,
  readers: {
    figures: [figure],
    isEmpty: false,
    chart: { days: 1, height: 160, line: 'M0,0L1,1', area: 'M0,0Z', ticks: [{ y: 0, count: 1200 }] },
    first: { date: '1 December 2026', readers: 1200 },
    last: { date: '2 December 2026', readers: 1204 },
    days: [{ date: '2 December 2026', joined: 5, left: 1, readers: 1204 }],
  },
  reasons: { 'too-many': 9, 'not-relevant': 4, 'never-asked': 0, other: 1 },
  newest: [
    {
      ...{ title: 'One', path: null, url: 'https://lantern.example/1', word: 'Out', icon: 'good' },
      about: 'Came at noon.',
    },
    { title: 'Two', path: '/articles/holds/h1', url: null, word: 'Held', icon: 'stop', about: 'Old.' },
  ],
};
const idle = {
  ...{ ...busy, flash: null, writePath: null, articlesPath: null, feedSeen: 'No feed yet.', goingOut: [] },
  ...{ needs: { count: 0, shown: [], more: [] }, last: null, nothingYet: 'Nothing mailed yet.', newest: [] },
  readers: { figures: [figure], isEmpty: true, chart: null },
  reasons: { 'too-many': 0, 'not-relevant': 0, 'never-asked': 0, other: 0 },
};

const may = {
  approve: true,
  hold: true,
  reschedule: true,
  pause: true,
  resume: true,
  cancel: true,
  retry: true,
  resolve: true,
  resend: true,
};
const digest = {
  ...{
    id: 'd1',
    name: 'Nobody owns the yellow buoy',
    state: 'paused',
    cadence: 'daily',
    createdAt: at,
    sendAt: at,
  },
  ...{ reason: '554 5.7.1 Blocked', counts: ledger, failed: 2, may },
  articles: [
    { title: 'One', url: 'https://lantern.example/1' },
    { title: 'Two', url: null },
  ],
};
const delivery = {
  ...{ email: 'ada@example.com', hasMoved: true, answer: '550 5.1.1 <ada@example.com> unknown' },
  ...{ updatedAt: at, nextAttemptAt: at, subscription: 's1' },
};
const before = { who: ['4 daily.'], reach: '4 readers', stops: false, isExact: true, isNobody: false };
const time = { value: '2026-12-01T07:00', mistake: null };
const uncertain = {
  state: 'uncertain',
  name: 'Unclear: may have arrived',
  icon: 'uncertain',
  count: 1,
  means: 'Broken',
};
const mailChecks = {
  ...{ subject: 'Tides', isExample: true, isAsSent: false },
  checks: { stops: ['It has no postal address.'], look: ['It is long.'] },
};
const recipients = [
  { id: 'o1', email: 'ed@lantern.example' },
  { id: 'o2', email: 'eva@lantern.example' },
];
const preview = {
  ...{ path: '/news/operator/publications/lantern/digests/d1/preview', query: '?width=phone', everybody: '' },
  ...{ look: { view: 'html', width: 'phone' }, text: '', source: '', typed: 'ada' },
  rows: [{ label: 'Width', choices: [{ label: 'Phone', query: '?width=phone', current: true }] }],
};
const nothing = Object.fromEntries(Object.keys(may).map((control) => [control, false]));

const mail = {
  id: 'm1',
  subject: 'Confirm',
  from: 'news@lantern.example',
  to: email,
  receivedAt: at,
  text: 'See https://lantern.example/a',
  headers: [{ name: 'Subject', value: 'Confirm' }],
  hasHtml: true,
  preview: 'See this',
};

const story = {
  slug: 's1',
  title: 'A story',
  author: 'Ines Calder',
  topic: 'Harbour',
  summary: 'Short.',
  publishedAt: at,
  minutes: 1,
  html: '<p>Long.</p>',
  picture: 'demo-tide-tables.jpg',
};
/** There is no attack, and her sign-up is not held. */
const calm = { notice: null, held: false };

const offer = {
  perWeek: 3,
  feedUrl: 'https://lantern.example/feed.xml',
  topics: [{ name: 'Harbour', ticked: false }],
  cadences: [{ value: 'daily', label: 'Daily', chosen: true }],
  changed: false,
  formTime: 'sealed',
  underAttack: false,
};
const demo = {
  offer,
  paper: { name: 'The Harbour Lantern', description: 'News' },
  publication,
  email: '',
  errors: [],
  source: '/demo',
  zone: 'UTC',
};

const openCircuit = {
  id: '01a2',
  what: 'gmail.example',
  since: 'Sunday, 9:00',
  explanation: [
    'gmail.example refuses our mail.',
    'Mail to gmail.example waits.',
    'You can also resume it now.',
  ],
};

const digestArticle = {
  title: 'Nobody owns the yellow buoy',
  url: 'https://lantern.example/1',
  summary: 'It has been there for a year. Nobody knows why.',
  authors: ['Wanjiru'],
  publishedAt: at,
  contentHtml: null,
};
const sent = {
  id: 'd1',
  title: digestArticle.title,
  note: null,
  outro: { html: '<p>Bye.</p>', text: 'Bye.', line: 'Bye.' },
  sentAt: at,
  articles: [digestArticle, { ...digestArticle, title: 'Ferry' }],
};
const archivePage = {
  publication,
  offer,
  canonical: 'https://mail.example/lantern/archive/d1',
  email: '',
  errors: [],
  source: '',
};

/** Every page in its states, with the data that its route passes. */
const writing = {
  ...{ ...frame, publication, flash: null, isOpen: true, mayTakeBack: true, mail: mailChecks, recipients },
  ...{
    name: 'Words',
    target: 'the next daily digest',
    stateName: 'Being written',
    sentences: ['Not approved.'],
  },
  draft: {
    ...{ id: 'd1', version: 3, state: 'draft', cadence: 'daily', digestId: null, missedDigestId: 'g1' },
  },
  fields: [
    { name: 'subject', value: 'Wind', mistake: null, theirs: null },
    { name: 'preheader', value: '', mistake: null, theirs: null },
    { name: 'note', value: 'Dear readers,', mistake: 'Somebody else has changed it.', theirs: 'Hello,' },
    { name: 'outro', value: '', mistake: null, theirs: null },
  ],
  mistakes: [{ id: 'note', words: 'Somebody else has changed it.' }],
  contents: 'none',
  audience: { cadence: 'daily', locale: 'sw', topics: [] },
  rhythms: ['instant', 'daily'],
  topics: ['Sea'],
  articles: [{ id: 'a1', title: 'Tides', place: 'first', order: '1', problem: 'It is held.' }],
  targets: [{ value: 'own', label: 'an email of its own' }],
};

export const pages: Record<string, [page: string, data: TemplateData]> = {
  'sign-up': ['sign-up', { publication, offer, email: '', errors: [], source: '', pages: [sent] }],
  'sign-up with an error': [
    'sign-up',
    { publication, offer, email: 'a@gmial.com', errors: [typo], source: '/x', pages: [] },
  ],
  archive: ['archive', { publication, pages: [sent], older: sent.id, isFirst: true }],
  'archive without newsletters': ['archive', { publication, pages: [], older: null, isFirst: true }],
  'archived-digest': [
    'archived-digest',
    {
      ...archivePage,
      page: { ...sent, note: { html: '<p>Hello.</p>', text: 'Hello.', line: 'Hello.' } },
      older: sent,
      newer: sent,
    },
  ],
  'archived-digest of one article': [
    'archived-digest',
    {
      ...archivePage,
      page: {
        ...sent,
        articles: [{ ...digestArticle, contentHtml: '<p>In <b>full</b>.</p>' }],
      },
      older: null,
      newer: null,
    },
  ],
  'archive-gone': ['archive-gone', { publication }],
  home: ['home', { publications: [publication] }],
  'home without newsletters': ['home', { publications: [] }],
  'sign-up in an attack': [
    'sign-up',
    { publication, offer: { ...offer, underAttack: true }, email: '', errors: [], source: '', pages: [] },
  ],
  'check-inbox': [
    'check-inbox',
    {
      ...reader,
      ticket: 't',
      ...calm,
      mailHost: { name: 'Gmail', url: 'https://x.example' },
      resent: true,
      resendState: 'tomorrow',
      resentAt: at,
    },
  ],
  'check-inbox of who is held': [
    'check-inbox',
    {
      ...reader,
      ticket: 't',
      notice: 'slow',
      held: true,
      mailHost: null,
      resent: false,
      resentAt: null,
      resendState: null,
    },
  ],
  'check-inbox, not now': [
    'check-inbox',
    { ...reader, ticket: 't', ...calm, mailHost: null, resent: false, resentAt: null, resendState: 'soon' },
  ],
  'check-inbox-over': ['check-inbox-over', { publication }],
  confirm: [
    'confirm',
    { ...reader, ...neverLeft, form: choices, guessed: true, mistake: false, visit: 'v1', again: false },
  ],
  'confirm of who had left': [
    'confirm',
    {
      ...reader,
      leftAt: at,
      zone: 'Africa/Nairobi',
      form: choices,
      guessed: true,
      mistake: false,
      visit: 'v1',
      again: false,
    },
  ],
  'confirm after a mistake': [
    'confirm',
    { ...reader, ...neverLeft, form: choices, guessed: false, mistake: true, visit: 'v1', again: false },
  ],
  'confirm-expired': ['confirm-expired', { ...reader, leftAt: at, zone: 'Africa/Nairobi' }],
  subscribed: [
    'subscribed',
    { ...reader, ...confirmed, fresh: true, waitsForFirst: true, backUrl: 'https://lantern.example/tides' },
  ],
  'subscribed before, with choices that came too late': [
    'subscribed',
    { ...reader, ...confirmed, sent: 'expired', fresh: false, waitsForFirst: false, backUrl: null },
  ],
  'subscribed before': [
    'subscribed',
    { ...reader, ...confirmed, fresh: false, waitsForFirst: false, backUrl: null },
  ],
  'link-invalid': ['link-invalid', {}],
  'link-invalid of a subscription': ['link-invalid', { publication, hasSettings: true }],
  'link-invalid of a sign-up': ['link-invalid', { publication, hasSettings: false }],
  'publication-archived': ['publication-archived', { publication }],
  unsubscribe: ['unsubscribe', { ...reader, ...asked, mayHaveFewer: true, mayPause: true }],
  'unsubscribe, paused instead': ['unsubscribe', { ...reader, ...asked, nowPaused: true }],
  unsubscribed: ['unsubscribed', { ...reader, ...left, canUndo: true, isRecent: true }],
  'unsubscribed long ago': ['unsubscribed', { ...reader, ...left, maySignUp: true }],
  'unsubscribed for ever': ['unsubscribed', { ...reader, ...left, blocked: true, hasSaidNever: true }],
  'unsubscribed, and said why': [
    'unsubscribed',
    { ...reader, ...left, reason: 'other', thanked: true, dataLink: 'data-later' },
  ],
  'unsubscribed and erased': ['unsubscribed', { ...reader, ...left, erased: true }],
  'unsubscribe-unknown': ['unsubscribe-unknown', { publication: null, publications: [publication] }],
  'unsubscribe-unknown, one newsletter': [
    'unsubscribe-unknown',
    { publication, publications: [publication] },
  ],
  resubscribed: ['resubscribed', { ...reader, isPaused: false, nextDigest: 'on Monday' }],
  'resubscribed into a pause': ['resubscribed', { ...reader, isPaused: true, nextDigest: 'on Monday' }],
  manage: ['manage', settings],
  'manage while paused': [
    'manage',
    {
      ...settings,
      subscription: { ...subscription, status: 'paused', catchUp: true },
      saved: 'pause',
      log: [],
    },
  ],
  'manage after a mistake': [
    'manage',
    { ...settings, mistake: 'pause', pause: { ...settings.pause, broken: true, until: 'soon' } },
  ],
  'manage after leaving': [
    'manage',
    {
      ...settings,
      undoToken: 'tok',
      subscription: { ...subscription, status: 'unsubscribed' },
      isChangeable: false,
      receivesMail: false,
    },
  ],
  'check-inbox, sent three times': [
    'check-inbox',
    { ...reader, ticket: 't', ...calm, mailHost: null, resent: true, resentAt: at, resendState: 'enough' },
  ],
  'check-inbox of a newsletter that has stopped': [
    'check-inbox',
    { ...reader, ticket: 't', ...calm, mailHost: null, resent: false, resentAt: at, resendState: 'closed' },
  ],
  'lost-link': ['lost-link', { publication, email: '', mistake: '' }],
  'lost-link after a mistake': ['lost-link', { publication, email: 'a@b', mistake: 'That is not complete.' }],
  'old-link-unknown': [
    'old-link-unknown',
    { publication, email: '', mistake: '', newsletterMistake: false, newsletters: [], slug: '' },
  ],
  'old-link-unknown after a mistake, with several newsletters': [
    'old-link-unknown',
    {
      publication: null,
      email: 'a@b',
      mistake: 'That is not complete.',
      newsletterMistake: true,
      newsletters: [{ name: 'One', slug: 'one' }],
      slug: '',
    },
  ],
  'old-link-asked': ['old-link-asked', { publication }],
  'old-link-asked for one of several': ['old-link-asked', { publication: null }],
  'old-link-several': [
    'old-link-several',
    {
      publication,
      newsletters: [
        { publication, path: '/unsubscribe/x', hasLeft: false },
        { publication, path: '/unsubscribe/y', hasLeft: true },
      ],
    },
  ],
  'lost-link-requested': ['lost-link-requested', { publication }],
  'manage-one-hour-link-needed': ['manage-one-hour-link-needed', reader],
  'manage-address': [
    'manage-address',
    { ...reader, email: 'a@b', current: email, mistake: 'That is not complete.', suggestion: null },
  ],
  'manage-address, a question': [
    'manage-address',
    { ...reader, email: 'a@gmial.com', current: email, mistake: 'Did you?', suggestion: 'a@gmail.com' },
  ],
  ...Object.fromEntries(
    ['asked', 'done', 'cancelled', 'expired', 'left'].flatMap((state) =>
      ['confirm', 'cancel'].map((word): [string, [string, TemplateData]] => [
        `address-${word}, ${state}`,
        [
          `address-${word}`,
          { ...reader, state, oldEmail: 'a•••••@x.example', newEmail: email, merged: false, ...ended },
        ],
      ]),
    ),
  ),
  'address-confirm, joined': [
    'address-confirm',
    { ...reader, state: 'done', oldEmail: 'a•••••@x.example', newEmail: email, merged: true, ...ended },
  ],
  'manage-erase': ['manage-erase', reader],
  'manage-erased': ['manage-erased', { publication }],
  ...Object.fromEntries(
    ['asked', 'done', 'expired'].map((state): [string, [string, TemplateData]] => [
      `manage-repair, ${state}`,
      ['manage-resume', { ...reader, state }],
    ]),
  ),
  'manage with a link of her own': [
    'manage',
    { ...settings, email, isOneHourLink: true, pendingAddress: 'b@example.com', formOutcome: 'address' },
  ],
  'manage after mail stopped': [
    'manage',
    {
      ...settings,
      formOutcome: 'repair-later',
      isOneHourLinkExpired: true,
      suppression: { reason: 'bounced', since: at },
    },
  ],
  never: ['never', { ...reader, ...neverLeft, undone: false }],
  'never, after undoing it': ['never', { ...reader, ...neverLeft, undone: true }],
  'never-done': ['never-done', { ...reader, mayUndo: true, leftAt: at, zone: 'Africa/Nairobi' }],
  'never-done a day later': ['never-done', { ...reader, ...neverLeft, mayUndo: false }],
  error: [
    'error',
    { status: 404, title: 'Gone', whatHappened: 'It moved.', nextStep: null, reference: 'r1' },
  ],
  'error after a form': [
    'error',
    {
      publication,
      status: 429,
      title: 'Too many',
      whatHappened: 'Later.',
      nextStep: null,
      retry: { action: '/lantern/subscriptions', email, fields: [{ name: 'cadence', value: 'weekly' }] },
      reference: null,
    },
  ],
  'dashboard-welcome': ['dashboard-welcome', { ...form, flash: 'Saved.', preview: 'Hello' }],
  'dashboard-welcome after a mistake': ['dashboard-welcome', { ...mistaken, preview: null }],
  'dashboard-look': [
    'dashboard-look',
    {
      ...form,
      isOwnColour: false,
      subjects: ['Storm, and one more', 'Storm'],
      shades: [{ name: 'Light', used: '#9a3412', background: '#fff', contrast: '7' }],
    },
  ],
  'dashboard-readers-export': [
    'dashboard-readers-export',
    {
      ...{ ...frame, publication, query: {}, isFiltered: false, selection: '', number: '2 readers' },
      ...{ format: 'csv', mistake: null, shortest: 12 },
    },
  ],
  'dashboard-readers-export, of some, after a mistake': [
    'dashboard-readers-export',
    {
      ...{ ...frame, publication, query: { state: 'reading' }, isFiltered: true, selection: 'state=reading' },
      ...{ number: '1 reader', format: 'jsonl', mistake: 'It is too short.', shortest: 12 },
    },
  ],
  'dashboard-form': ['dashboard-form', snippets],
  'dashboard-form after a mistake': [
    'dashboard-form',
    {
      ...snippets,
      theme: 'dark',
      mistakes: [{ name: 'atMost', words: 'A whole number.' }],
      fields: [{ name: 'atMost', label: 'Prompts', value: 'x', mistake: 'A whole number.' }],
    },
  ],
  'dashboard-health': [
    'dashboard-health',
    {
      ...{ rail: null, publication: null, flash: 'Resumed.', bad: 2 },
      areas: [
        {
          id: 'mail',
          heading: 'Mail servers',
          items: [{ title: 'main', isWell: true, says: ['No limit.'] }],
        },
        {
          id: 'feeds',
          heading: 'Feeds',
          items: [
            {
              ...trouble,
              button: { link: '/operator/publications/lantern/settings/feeds', label: 'To the feeds' },
            },
            {
              ...trouble,
              commands: ['a', 'b'],
              button: { action: '/operator/x/retry', label: 'Try again now' },
            },
          ],
        },
      ],
    },
  ],
  'dashboard-sign-in': ['dashboard-sign-in', { token: 'tok' }],
  'dashboard-sign-in-link-used': ['dashboard-sign-in-link-used', {}],
  'dashboard-article-hold': [
    'dashboard-article-hold',
    {
      ...frame,
      publication,
      hold: { id: 'h2', count: 40, reason: '40 new articles arrived at once.', heldAt: at },
      articles: [{ id: 'a1', title: 'Old', url: 'https://lantern.example/2', publishedAt: at }],
      newest: 3,
      reach: { all: '4 readers would be mailed, within minutes.', newest: 'Nobody would be mailed.' },
    },
  ],
  'dashboard-article-hold, decided': [
    'dashboard-article-hold',
    {
      ...frame,
      publication,
      hold: { id: 'h2', count: 0, reason: '40 new articles arrived at once.', heldAt: at },
      articles: [],
      newest: 3,
      reach: { all: '', newest: '' },
    },
  ],
  'dashboard-sign-ups': [
    'dashboard-sign-ups',
    {
      ...frame,
      publication,
      flash: 'One sign-up is released.',
      attack: { cause: 'flood', explanation: 'It began by itself.' },
      chart: {
        width: 480,
        height: 120,
        barWidth: 8,
        max: 4,
        bars: [{ kind: 'held', x: 1, y: 0, height: 120 }],
      },
      hours: [{ hour: at, recorded: 1, held: 2, refused: 1 }],
      sums: { recorded: 1, held: 2, refused: 1 },
      heldCount: 2,
      reasons: [{ reason: 'unproved', words: 'Did no work', count: 2 }],
      held: [{ id: 'q1', email, reasons: ['Did no work'], source: null, createdAt: at }],
      before: 'q0',
      older: 'q2',
    },
  ],
  'dashboard-sign-ups, calm': [
    'dashboard-sign-ups',
    {
      ...frame,
      ...{ publication, flash: null, attack: null, hours: [], heldCount: 0, reasons: [], held: [] },
      ...{ chart: { bars: [] }, sums: {}, before: null, older: null },
    },
  ],
  operator: ['dashboard', busy],
  'operator with nothing yet': ['dashboard', idle],
  'dashboard-digests': [
    'dashboard-digests',
    {
      ...{ ...frame, publication, before: 'd3', next: 'd1', nothingYet: null },
      digests: [{ id: 'd1', name: 'Tides', state: 'closed', date: '1 May', figures: '4 of 4 accepted' }],
    },
  ],
  'dashboard-digests without any': [
    'dashboard-digests',
    { ...frame, publication, before: null, next: null, nothingYet: 'Nothing mailed yet.', digests: [] },
  ],
  'dashboard-emails': [
    'dashboard-emails',
    {
      ...{ ...frame, publication, flash: 'Thrown away.', before: 'd3', next: 'd1' },
      emails: [
        {
          id: 'd1',
          name: 'Words',
          target: 'the next daily digest',
          state: 'used',
          stateName: 'In a digest',
          date: '1 May',
          digestId: 'g1',
        },
      ],
    },
  ],
  'dashboard-emails without any': [
    'dashboard-emails',
    { ...frame, publication, flash: null, before: null, next: null, emails: [] },
  ],
  'dashboard-email-new': [
    'dashboard-email-new',
    {
      ...{ ...frame, publication, flash: 'There is no such digest.' },
      rhythms: [
        {
          value: 'daily',
          name: 'the next daily digest',
          when: 'Tuesday',
          readers: 4,
          begun: 'd1',
          later: [{ value: 'daily 2026-12-02', label: 'the daily digest of 2026-12-02' }],
        },
        { value: 'instant', name: 'the next mail', when: null, readers: 1, begun: null, later: [] },
      ],
    },
  ],
  'dashboard-email': ['dashboard-email', writing],
  'dashboard-email of its own': [
    'dashboard-email',
    {
      ...writing,
      draft: { ...writing.draft, cadence: null, missedDigestId: null },
      mistakes: [],
      flash: 'Saved.',
    },
  ],
  'dashboard-email that is over': [
    'dashboard-email',
    { ...writing, isOpen: false, mistakes: [], draft: { ...writing.draft, state: 'used', digestId: 'g1' } },
  ],
  'dashboard-email-send': [
    'dashboard-email-send',
    {
      ...writing,
      flash: 'Nothing was sent.',
      before,
      isLive: true,
      time: { ...time, mistake: 'It is over.' },
    },
  ],
  'dashboard-email-send that is stopped': [
    'dashboard-email-send',
    { ...writing, flash: null, before: { ...before, stops: true }, isLive: true, time },
  ],
  'dashboard-digest-new': [
    'dashboard-digest-new',
    {
      ...{ ...frame, publication, flash: null, mistake: 'It is over.', before, others: true },
      ...{ mail: { ...mailChecks, checks: { stops: [], look: [] } }, recipients },
      ...{
        also: 'Also the 3 weekly readers, 7 in all',
        isLive: true,
        time: { ...time, mistake: 'It is over.' },
      },
      articles: [{ title: 'One', url: 'https://lantern.example/1' }],
    },
  ],
  'dashboard-digest-new that is stopped': [
    'dashboard-digest-new',
    {
      ...{
        ...frame,
        publication,
        flash: 'Nobody is due anything.',
        mistake: null,
        also: null,
        others: false,
      },
      ...{ before: { ...before, stops: true }, isLive: true, time, articles: [], mail: null, recipients: [] },
    },
  ],
  'dashboard-digest': [
    'dashboard-digest',
    {
      ...{
        ...frame,
        publication,
        digest,
        circuits: [openCircuit],
        flash: 'Paused.',
        sent: 'since noon',
        time,
      },
      ...{ sentence: 'Paused.', explanation: ['4 readers have it.'], before: null, isRolling: true },
      ...{ mark: 'paused', refreshes: true, stays: false },
      writing: { draftId: null, isIn: false, value: 'daily 2026-12-02' },
      ledger: [uncertain],
      groups: [{ state: 'uncertain', name: uncertain.name, count: 12, deliveries: [delivery] }],
      eventGroups: [{ name: 'Accepted, then bounced', count: 12, deliveries: [delivery] }],
    },
  ],
  'dashboard-digest before it goes': [
    'dashboard-digest',
    {
      ...{ ...frame, publication, circuits: [], flash: null, sent: 'to nobody', before, isRolling: false },
      ...{ mail: mailChecks, recipients: [recipients[0]] },
      digest: { ...digest, reason: null, counts: { ...ledger, planned: 0 }, articles: [] },
      ...{
        time: { value: 'x', mistake: 'Choose a time.' },
        sentence: 'Held.',
        ...{ mark: 'held', refreshes: false, stays: false },
        explanation: [],
        ledger: [],
        groups: [],
        eventGroups: [],
      },
    },
  ],
  'dashboard-digest without anything to do': [
    'dashboard-digest',
    {
      ...{ ...frame, publication, circuits: [], flash: null, sent: 'to nobody', before: null, time },
      digest: { ...digest, reason: null, counts: { ...ledger, planned: 0 }, may: nothing, articles: [] },
      ...{ mark: 'cancelled', refreshes: false, stays: true },
      ...{
        sentence: 'Cancelled.',
        explanation: [],
        isRolling: false,
        ledger: [],
        groups: [],
        eventGroups: [],
      },
    },
  ],
  'dashboard-articles': [
    'dashboard-articles',
    {
      ...{ ...frame, publication, flash: 'Held.', before: 'a2', next: 'a1', nothing: null, state: 'held' },
      filters: [{ label: 'Held', query: '?state=held', current: true }],
      articles: [
        {
          ...{ id: 'a1', title: 'Tides', state: 'held', name: 'Held', icon: 'warn', date: 'today' },
          ...{ sentence: 'Held.', why: 'It is old.' },
        },
      ],
    },
  ],
  'dashboard-articles without any': [
    'dashboard-articles',
    {
      ...{
        ...frame,
        publication,
        flash: null,
        before: null,
        next: null,
        nothing: 'No article yet.',
        state: null,
      },
      ...{ filters: [{ label: 'New', query: '', current: true }], articles: [] },
    },
  ],
  'dashboard-article': [
    'dashboard-article',
    {
      ...{
        ...frame,
        publication,
        flash: 'Held.',
        icon: 'warn',
        sentence: 'Held.',
        explanation: ['It is old.'],
      },
      article: {
        ...{ id: 'a1', title: 'Tides', url: 'https://lantern.example/1', state: 'held', authors: ['Ada'] },
        ...{ categories: ['Sea'], feed: { title: 'News', url: 'https://lantern.example/feed' } },
        digests: [{ id: 'd1', name: 'Tides' }],
      },
      hold: { id: 'h1', count: 22 },
      can: { release: true, hold: true, skip: true, retract: true, correct: true },
      dates: [{ label: 'Published', date: 'today' }],
    },
  ],
  'dashboard-article-new': [
    'dashboard-article-new',
    {
      ...{ ...frame, publication: { ...publication, holdMinutes: 30 }, release: true },
      mistake: 'It is archived.',
      fields: [
        { name: 'title', value: '', mistake: 'Title is missing.', seen: 'x' },
        { name: 'content', value: '<p>', mistake: null, seen: 'x' },
      ],
    },
  ],
  'dashboard-article-correct': [
    'dashboard-article-correct',
    {
      ...{ ...frame, publication, article: { id: 'a1', title: 'Tides' }, isTooLong: true },
      fields: [{ name: 'url', value: 'https://lantern.example/1', mistake: null, seen: 'x' }],
    },
  ],
  'dashboard-preview': [
    'dashboard-preview',
    {
      ...{ ...frame, publication, ...preview, flash: 'Your test waits.', mail: mailChecks, recipients },
      ...{ digestId: 'd1', coming: null, reader: 'ada@example.com', why: null, mistake: 'Type it whole.' },
      test: { sentence: 'Your test was not sent.', answer: '550 No', isWell: false, isWaiting: true },
      links: {
        sentence: 'Of 3 links, 1 leads where readers can follow.',
        dead: [{ url: 'https://lantern.example/1', why: 'Its site answers 404.' }],
        unknown: [{ url: 'https://lantern.example/2', why: 'Its site did not answer in time.' }],
      },
    },
  ],
  'dashboard-preview as source, for nobody': [
    'dashboard-preview',
    {
      ...{ ...frame, publication, ...preview, flash: null, mail: { ...mailChecks, isAsSent: true } },
      ...{ digestId: null, coming: 'now', reader: null, why: null, mistake: null, test: null, links: null },
      ...{ recipients: [], look: { view: 'source', width: 'desktop' }, source: 'Subject: x' },
    },
  ],
  'dashboard-preview without a mail': [
    'dashboard-preview',
    {
      ...{ ...frame, publication, ...preview, flash: null, mail: null, rows: [], recipients, test: null },
      ...{ digestId: null, coming: 'daily', reader: 'ada@example.com', why: 'She has it.', mistake: null },
      links: null,
    },
  ],
  'dashboard-deliveries': [
    'dashboard-deliveries',
    {
      ...{ ...frame, publication, id: 'd1', name: 'Tides', state: 'uncertain', stateName: uncertain.name },
      ...{ count: 2, deliveries: [delivery, { ...delivery, email: null }], before: 's2', next: 's1' },
      ...{ canDecide: true, canResend: true },
    },
  ],
  inbox: ['inbox', { mails: [mail], refreshing: true, zone: 'UTC' }],
  'inbox without mail': ['inbox', { mails: [], refreshing: false, zone: 'UTC' }],
  'inbox-mail as text': ['inbox-mail', { mail, view: 'text', zone: 'UTC' }],
  'inbox-mail headers': ['inbox-mail', { mail, view: 'headers', zone: 'UTC' }],
  embed: [
    'embed',
    {
      publication,
      home: 'https://mail.example',
      snippets: { script: '<i>', pinned: '<i>', isolated: '<i>', plain: '<i>' },
      wordpress: '<?php',
    },
  ],
  'demo-home': ['demo-home', { ...demo, stories: Array.from({ length: 9 }, () => story) }],
  'demo-article': [
    'demo-article',
    {
      ...demo,
      story,
      others: [story],
      comment: { state: 'refused', reason: 'Full.', email, suggestion: 'a@gmail.com' },
    },
  ],
};
