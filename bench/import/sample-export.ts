const LINES_AT_A_TIME = 1000;
const ZONES = ['Africa/Nairobi', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo', ''];

/**
 * An export as Mailchimp makes it: three of ten addresses at one large domain, the rest at two thousand small ones; one of a
 * hundred stands there twice, and one of a thousand is none.
 */
export async function* sampleExport(rows: number): AsyncGenerator<Buffer> {
  yield Buffer.from(
    'Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,TIMEZONE,TAGS\r\n',
  );
  for (let from = 0; from < rows; from += LINES_AT_A_TIME) {
    const count = Math.min(LINES_AT_A_TIME, rows - from);
    yield Buffer.from(Array.from({ length: count }, (_, at) => lineOf(from + at)).join(''));
  }
}

function lineOf(row: number): string {
  const number = row % 100 === 99 ? row - 1 : row;
  const domain = number % 10 < 3 ? 'big.example' : `mail-${number % 2000}.example`;
  const address = row % 1000 === 500 ? `reader ${row} at ${domain}` : `reader-${number}@${domain}`;
  const joined = new Date(Date.UTC(2018, 0, 1) + (number % 2500) * 86_400_000 + (number % 86_400) * 1000);
  const time = joined.toISOString().slice(0, 19).replace('T', ' ');
  return `${address},Ada,"Quay, ${row}",3,${time},203.0.113.9,${time},${ZONES[number % ZONES.length]},"""Editors"""\r\n`;
}
