import { dirname, join, relative, sep } from 'node:path';

/**
 * Which way imports point, for oxlint (see oxlint.config.mjs). A module imports platform and the modules above it in this
 * list; a step of a module, its folder, imports the steps before it. '.' is the module's own folder: its noun, and the
 * SQL that several steps share. A module without steps is one folder.
 */
const MODULES = {
  operators: 'activity . sessions credentials invitations recovery purge',
  transports: '. limits circuits provider-limits choose dkim sender-dns',
  publications: '.',
  subscribers:
    '. counts list attack due mail-cap consent suppression sign-up preferences leave confirm address-change old-links import erase together',
  articles: 'clean parse . feeds release ingest poll',
  digests: '. calendar drafts open compose archive',
  deliveries:
    '. alerts batches plan send preview notices recover reconcile mailed control self-service purge',
  events: '. record inbound providers',
  exports: '.',
  dashboard: '.',
};

/** Ways in: they import modules and platform. The command line starts the others. */
const DOORS = { http: [], workers: [], cli: ['http', 'workers', 'main'], main: ['http', 'cli'], embed: [] };

/** Packages that may be imported only here. One that is not named may be anywhere. */
const VENDORS = {
  'src/http':
    'express express-session connect-pg-simple helmet compression rate-limiter-flexible uqr d3-scale d3-shape @fastify/busboy',
  'src/platform': 'pino smtp-server',
  'src/platform/db': 'pg sql-template-tag node-pg-migrate',
  'src/platform/fetch': 'undici',
  'src/platform/jobs': 'bullmq ioredis',
  'src/platform/mail': 'nodemailer imapflow',
  'src/platform/templates': 'liquidjs',
  'src/platform/text': 'i18next',
};

const MESSAGES = {
  module:
    'A module imports platform and the modules above it in import-rules.mjs. If you need the reverse, enqueue a job.',
  step: 'A step of a module imports the steps before it in import-rules.mjs.',
  platform: 'Platform imports no module and no door: it has no newsletter rules.',
  door: 'The doors do not know each other.',
  writes: 'writes.ts is private to its module: call one of its operations.',
  sql: 'SQL is written in reads.ts, writes.ts and platform only.',
  vendor: 'A vendor has one home: see VENDORS in import-rules.mjs.',
  barrel: 'No index.ts: name the file.',
  tests: 'Nothing imports tests.',
};

const order = Object.keys(MODULES);
const homes = Object.entries(VENDORS);
const isSql = (file) => /(^|[/-])(reads|writes)\.ts$/.test(file);
const isWrites = (file) => /(^|[/-])writes\.ts$/.test(file);

/** 'src/articles/feeds/reads.ts' -> { area: 'articles', step: 'feeds' }; the entry points are the area 'main'. */
function placeOf(file) {
  const parts = file.replace(/^src\//, '').split('/');
  if (parts.length === 1) return { area: 'main', step: '.' };
  return { area: parts[0], step: parts.length > 2 ? parts[1] : '.' };
}

/** The rule that this import breaks; undefined: none. `file` and `target` are paths from the top folder, or a package. */
function brokenRule(file, target) {
  if (!/^(src|workers|tests|bench)\//.test(target)) return isForeign(file, target) ? 'vendor' : undefined;
  const [from, to] = [placeOf(file), placeOf(target)];
  if (target.startsWith('tests/')) return 'tests';
  if (target.endsWith('/index.ts')) return 'barrel';
  if (target === 'src/platform/db/sql.ts' && from.area !== 'platform' && !isSql(file)) return 'sql';
  if (from.area === to.area) return isStepBack(from, to) ? 'step' : undefined;
  if (from.area === 'platform') return 'platform';
  if (isWrites(target)) return 'writes';
  if (to.area === 'platform') return undefined;
  const doors = DOORS[from.area];
  if (doors !== undefined) return order.includes(to.area) || doors.includes(to.area) ? undefined : 'door';
  return order.slice(0, order.indexOf(from.area)).includes(to.area) ? undefined : 'module';
}

function isForeign(file, name) {
  const home = homes.find(([, packages]) =>
    packages.split(' ').some((one) => `${name}/`.startsWith(`${one}/`)),
  );
  return home !== undefined && !file.startsWith(`${home[0]}/`);
}

function isStepBack(from, to) {
  const steps = MODULES[from.area]?.split(' ');
  if (steps === undefined || from.step === to.step) return false;
  const [at, target] = [steps.indexOf(from.step), steps.indexOf(to.step)];
  return at === -1 || target === -1 || target > at;
}

const rule = {
  meta: { messages: MESSAGES },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    if (!/^(src|workers)\//.test(file)) return {};
    const check = ({ source }) => {
      if (typeof source?.value !== 'string') return;
      const spec = source.value;
      const target = spec.startsWith('.')
        ? join(dirname(file), spec).split(sep).join('/').replace(/\.js$/, '.ts')
        : spec;
      const messageId = brokenRule(file, target);
      if (messageId !== undefined) context.report({ node: source, messageId });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

export default { meta: { name: 'paperround' }, rules: { imports: rule } };
