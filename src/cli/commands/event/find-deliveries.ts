import { findReportedMails } from '../../../events/inbound/find-reported.js';
import { ConfigError, type Config } from '../../../platform/config.js';
import { findRunningStart } from '../../../platform/embedded/data-dir-lock.js';
import type { Report } from '../../../platform/mail/reports/report.js';
import { toSafeText } from '../../../platform/text/safe-text.js';
import type { ReadConfig } from '../../read-config.js';
import { withContext } from '../../servers.js';

/** For each report, the mail of ours that each of its recipients is about. Empty where no database is at hand; none is started for it. */
export async function findDeliveries(
  readConfig: ReadConfig,
  reports: readonly Report[],
): Promise<Map<Report, readonly (string | undefined)[]>> {
  const config = readSettings(readConfig);
  if (config === undefined || !hasServers(config)) return new Map();
  try {
    return await withContext(config, async (context) => {
      const all = new Map<Report, (string | undefined)[]>();
      for (const report of reports) all.set(report, await findReportedMails(context, report));
      return all;
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${toSafeText(`The database cannot be asked, so no delivery is named: ${why}`)}\n`);
    return new Map();
  }
}

/** Mails are explained without settings too. */
function readSettings(readConfig: ReadConfig): Config | undefined {
  try {
    return readConfig();
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function hasServers({ databaseUrl, smtpUrl, secretKeys, dataDir }: Config): boolean {
  const isSet = databaseUrl !== undefined && smtpUrl !== undefined && secretKeys.length > 0;
  return isSet || findRunningStart(dataDir) !== undefined;
}
