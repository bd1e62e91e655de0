import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { ProviderRates, ProviderState } from './rates.js';

/** `since` is when it came to this state. */
export function upsertProviderLimit(
  tx: Tx,
  { provider, accepted, bounced, complained }: ProviderRates,
  state: Exclude<ProviderState, 'well'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into provider_limits as l (provider, state, accepted, bounced, complained, since)
    values (${provider}, ${state}, ${accepted}, ${bounced}, ${complained}, ${now})
    on conflict (provider) do update
       set state = excluded.state,
           accepted = excluded.accepted,
           bounced = excluded.bounced,
           complained = excluded.complained,
           since = case l.state when excluded.state then l.since else excluded.since end
  `);
}

export function deleteProviderLimit(tx: Tx, provider: string): Promise<number> {
  return tx.run(sql`
    delete from provider_limits
     where provider = ${provider}
  `);
}

/** No row: nothing is kept back there. */
export function updateLiftedUntil(tx: Tx, provider: string, until: Date): Promise<number> {
  return tx.run(sql`
    update provider_limits
       set lifted_until = ${until}
     where provider = ${provider}
  `);
}
