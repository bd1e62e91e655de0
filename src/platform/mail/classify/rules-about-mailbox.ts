import { row, SOURCES } from './rule.js';

const { cisco, rfc3463, rfc5321, exchange, gmail, postfix, exim, yahoo, qmail, sendmail, domino, bounces } =
  SOURCES;

/** Says itself that it passes, or that somebody on the way is at fault. */
export const PASSING_WORDS = [
  row(
    'mailbox-unavailable',
    /try (again|it) later|retry later|temporar|gr[ea]y-?list/,
    rfc5321,
    '5.2.1 Mailbox temporarily disabled',
  ),
];

/** What the status alone says (RFC 3463 section 3). Those that end in 0 say nothing, nor does 5.4.1. */
export const STATUSES = [
  row('unknown-address', 'x.1.1', rfc3463, '5.1.1 Requested action not taken: mailbox unavailable'),
  row('unknown-domain', 'x.1.2', rfc3463, '5.1.2 Bad destination system address'),
  row('unknown-address', 'x.1.3', rfc3463, '5.1.3 Bad destination mailbox address syntax'),
  row('closed-mailbox', 'x.1.6', rfc3463, '5.1.6 Mailbox has moved, no forwarding address'),
  row('unknown-address', '5.1.10', exchange, '5.1.10 RESOLVER.ADR.RecipientNotFound'),
  row('closed-mailbox', 'x.2.1', rfc3463, '5.2.1 Mailbox disabled, not accepting messages'),
  row('unknown-domain', '5.4.310', exchange, '5.4.310 DNS domain does not exist'),
  row('full-mailbox', 'x.2.2', rfc3463, "5.2.2 The recipient's inbox is out of storage space and inactive"),
  row('refused-by-mailbox', 'x.2.3', rfc3463, '5.2.3 Message length exceeds administrative limit'),
  row('server-trouble', 'x.2.4', rfc3463, '5.2.4 Mailing list expansion problem'),
  row('full-server', 'x.3.1', rfc3463, '5.3.1 Mail system full'),
  row('server-trouble', 'x.3.2', rfc3463, '5.3.2 System not accepting network messages'),
];

/** Words beside a status that says nothing, or none. A domain that is gone first: its words are the clearer ones. */
export const OTHER_WORDS = [
  row(
    'no-connection',
    /host not found, try again|host is unreachable|no route to host|(name|host)( name)? lookup fail|name ?server reply|dns (records?|quer\w+) .{0,40}(fail|not be found|timeout)|unrouteable mail domain/,
    postfix,
    'Name service error for name=mail.example: Host not found, try again',
  ),
  row(
    'unknown-domain',
    /\b(host|domain)( or domain)?( name)?( \S{1,80})?( is)? (not found|unknown|not reachable|unreachable|invalid|not known)/,
    postfix,
    '5.4.4 Host unknown',
  ),
  row(
    'unknown-domain',
    /\b(unknown|no such|nonexistent|non-existent|bad destination) (host|domain|system)|nxdomain|domain lookup failed|name or service not known/,
    postfix,
    '5.4.4 No such domain',
  ),
  row(
    'unknown-domain',
    /\bserver does not accept mail|^521 .{0,80}not accept/,
    'RFC 7504 section 4',
    'Server does not accept mail',
  ),
  row(
    'unknown-domain',
    /domain (does not|doesn't|must) (exist|accept mail)|null ?mx|no mx (record|found)|host does not accept mail|mail receiving disabled/,
    'RFC 7505',
    '5.4.4 Domain does not exist',
  ),
  row(
    'full-server',
    /\b(insufficient|not enough|not sufficient|no) (disk|storage|system|space)|no space left|system full|disk full/,
    rfc5321,
    '5.5.0 Insufficient system storage',
  ),
  row(
    'closed-mailbox',
    /\b(user|recipient|mailbox|account|address|customer|user or domain)( name| address)?( has been| was|'s)?( is)?( currently| either)? (disabled|suspended|inactive|not active|deactivated|terminated|discontinued|locked|frozen|expired|closed|deleted|archived|cancell?ed|abandoned)/,
    bounces,
    'Recipient account has been suspended',
  ),
  row(
    'closed-mailbox',
    /\b(inactive|disabled|suspended|deactivated|archived|closed|dormant) (user|recipient|mailbox|account|address)|suspend the service|(is currently|has been) suspended|destinataire archiv|no longer accept|disabled or discontinued|you tried to reach is (disabled|inactive)/,
    gmail,
    'This is a deactivated mailbox',
  ),
  row(
    'closed-mailbox',
    /\b(has|have) moved|has been (replaced|changed|renamed)|address (has )?change|no longer (valid|exists?|in use|active|available|on file|works|employed|at this)/,
    rfc5321,
    '551 User has moved',
  ),
  row(
    'unknown-address',
    /no such (user|recipient|mailbox|person|address|account|local)|user-?unknown|recipient ?not ?(found|ok)|recipients? (was|were) undeliverable/,
    exim,
    'No Such User Here',
  ),
  row(
    'unknown-address',
    /\b(user|recipient|mailbox|account|address(ee)?|person|login|name|receiver|part)(\(s\)|e?s)?( name| address| id)?( \S{1,40})?( is| was| were| could)?( either)? (unknown|not (be )?(found|known|exist|listed|local|present|recogni[sz]ed|registered)|invalid|nonexistent)/,
    postfix,
    '5.0.0 Recipient address rejected: User unknown',
  ),
  row(
    'unknown-address',
    /\b(unknown|invalid|unrout(e)?able|non[ -]?existent|illegal|wrong|incorrect|bad)( or \S+| virtual| final delivery| destination| e-?mail| local| to)? ?-?(user|recipient|mailbox|address|local|account|person|login|addressee|e-?mail)/,
    exim,
    'Unrouteable address',
  ),
  row(
    'unknown-address',
    /(\bnot|n't) exist|doesn't have an? \S+ account|not have an account/,
    yahoo,
    "delivery error: dd This user doesn't have a yahoo.com account",
  ),
  row(
    'unknown-address',
    /no (mail ?box|account|one|user)( \S+){0,2} (here|by that|by this|at this|found|available|named)|mailbox (not present|unavaiable)|not (a |our |an )?(valid|known|active|local|existing) (user|mailbox|recipient|address|account|customer|email)|(user|address|recipient|mailbox|account) (is )?not (a )?(valid|ours|available here)/,
    qmail,
    '5.5.0 Not a valid mailbox',
  ),
  row(
    'unknown-address',
    /not (listed |present )?in (the |my |our |domino |public )?(\S+ ){0,2}(directory|address ?book|list|validrcptto)|badrcptto|badrecipientto|no \S+ in (name )?directory|no matches|can't accept user|can(no|')t find (the )?(user|recipient|mailbox)|missing home directory/,
    domino,
    'User ada not listed in Domino Directory',
  ),
  row(
    'unknown-address',
    /no existe|inexistente|inesistente|nessun utente|(destinatario|utente|usuario|usuário|conta) .{0,20}(desconoc|sconosciut|desconhec|no encontrad|não encontrad|inv[aá]lid)|(utilisateur|destinataire|adresse) .{0,30}(inconnu|n'existe|invalide|introuvable)|(empfänger|adresse|benutzer|postfach) .{0,30}(unbekannt|nicht gefunden|existiert nicht|nicht bekannt|ungültig)|(пользовател|ящик|адрес)\S* .{0,30}(не найден|не существует|отсутствует)|nie istnieje|nieznany|存在しません|宛先不明|不存在/,
    bounces,
    'Recipient unknown: no existe dicha persona',
  ),
  row(
    'unknown-address',
    /recipient address rejected: access denied/,
    exchange,
    '5.4.1 Recipient address rejected: Access denied.',
  ),
  row(
    'unknown-address',
    /^5\d\d (5\.\d\.\d )?[\s:.]*not found|recip(ient)?notfound|\brejected recipients\b|no valid recipients? for this/,
    exchange,
    '5.0.0 RESOLVER.ADR.RecipNotFound; not found',
  ),
  row(
    'unknown-address',
    /\b(address|recipients?)( address)?( is| was| were)? (rejected|not accepted)[\s.:]*($|\(in reply to rcpt)/,
    cisco,
    '5.1.0 Address rejected.',
  ),
  row(
    'server-trouble',
    /mailer error|exit (status|code)|x-unix|pipe to|interrupted system call|could not load|no mdb|mdb offline|local (problem|error|configuration)|(server|system|mail|internal) (\S+ )?(config\w*|server )?(error|problem)|misconfigur|can't create|queue file|output file|error while being processed|daemon|service (not available|(currently )?unavailable)|internal error/,
    sendmail,
    'Mailer error, exit status 1',
  ),
  row(
    'no-connection',
    /connection (timed out|refused|reset|dropped|lost|to|was|fail)|lost connection|(operation|session|connect\w*|smtp) timed? ?out|time-?out|no route|(network|host) (is )?unreachable|(could not|couldn't|can't|cannot|unable to|wasn't able to|failed to) (connect|establish|contact|reach)|not (responding|respond|reachable)|no answer|could not find a gateway|unable to resolve|bad connection|server unavailable/,
    postfix,
    'connect to mail.example[192.0.2.1]:25: Connection timed out',
  ),
  row(
    'expired',
    /expired|in the queue too long|too long|retry time|retries|failing for|long time|not been collected|delivery attempts|\d+ (attempts|tries)|gave up|giving up|timed out|days?\b.{0,20}(old|queue)|delivered for .{0,12}\d+ days/,
    exim,
    'retry time not reached for any host after a long failure period',
  ),
  row(
    'mailbox-unavailable',
    /mailbox (is )?(unavailable or access|busy|locked)|not accept(ing)? (any )?(mail|messages)|recipient .{0,30}(rejected|refused|denied|not accepted)/,
    rfc5321,
    '5.5.0 Mailbox busy',
  ),
  row(
    'unknown-address',
    /mailbox (is )?unavailable/,
    rfc5321,
    '5.5.0 Requested action not taken: mailbox unavailable',
  ),
];

/** Statuses that say less than the words beside them. */
export const VAGUE_STATUSES = [
  row('mailbox-unavailable', 'x.1.4', rfc3463, '5.1.4 Destination mailbox address ambiguous'),
  row('server-trouble', 'x.3.3', rfc3463, '5.3.3 System not capable of selected features'),
  row('server-trouble', 'x.3.5', rfc3463, '5.3.5 Wrongly set up'),
  row('no-connection', '4.4.1', rfc3463, '4.4.1 Nobody there'),
  row('no-connection', 'x.4.2', rfc3463, '5.4.2 Bad line'),
  row('server-trouble', 'x.4.3', rfc3463, '5.4.3 Directory failure'),
  row('no-connection', '4.4.4', rfc3463, '4.4.4 Unable to route'),
  row('unknown-domain', '5.4.4', rfc3463, '5.4.4 Unable to route'),
  row('server-trouble', 'x.4.5', rfc3463, '5.4.5 Mail system congestion'),
  row('server-trouble', 'x.4.6', rfc3463, '5.4.6 Round and round'),
  row('expired', 'x.4.7', rfc3463, '5.4.7 No more tries'),
  row('mailbox-unavailable', '4.2.', rfc3463, '4.2.0 Not now'),
  row('bad-session', 'x.5.', rfc3463, '5.5.4 Invalid arguments'),
  row('refused-content', 'x.6.', rfc3463, '5.6.1 Media not supported'),
];

export const CODES = [
  row('unknown-domain', 521, 'RFC 7504 section 4', 'No'),
  row('unknown-domain', 556, 'RFC 7504 section 4', 'Requested action not taken'),
];
