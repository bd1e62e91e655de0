import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Scope } from './api-token.js';
import type { Operator, Role } from './operator.js';

export const operatorColumns = raw(
  'id, email, email_key, name, is_administrator, email_confirmed_at, created_at',
);

const selectTokens = raw(`
  select t.id, t.name, t.scopes, t.last_used_at, t.operator_id, t.publication_id, t.created_at, t.revoked_at,
         coalesce(o.name, o.email) as maker
    from api_tokens t
    left join operators o on o.id = t.operator_id
`);

export type ApiToken = {
  id: string;
  name: string;
  scopes: Scope[];
  lastUsedAt: Date | null;
  /** Who made it; null: the command line, which may do everything. */
  operatorId: string | null;
  /** The publication that it is for; null: all that its maker may reach. */
  publicationId: string | null;
};

/** Whether its maker administers the server now. */
export type AuthenticatedToken = ApiToken & { isMakerAdministrator: boolean };

/** Undefined when it was revoked, or its maker's account was removed. */
export function findToken(db: Db | Tx, tokenHash: Buffer): Promise<AuthenticatedToken | undefined> {
  return db.maybe<AuthenticatedToken>(sql`
    select t.id, t.name, t.scopes, t.last_used_at, t.operator_id, t.publication_id,
           coalesce(o.is_administrator, true) as is_maker_administrator
      from api_tokens t
      left join operators o on o.id = t.operator_id
     where t.token_hash = ${tokenHash}
       and t.revoked_at is null
       and o.removed_at is null
  `);
}

/** The response to the first request with a key. */
export function findIdempotencyKey(
  db: Db | Tx,
  tokenId: string | null,
  key: string,
): Promise<{ requestHash: Buffer; status: number; body: unknown; publicationId: string | null } | undefined> {
  return db.maybe(sql`
    select request_hash, status, body, publication_id
      from idempotency_keys
     where token_id is not distinct from ${tokenId}::uuid
       and key = ${key}
  `);
}

export type ListedToken = ApiToken & {
  createdAt: Date;
  revokedAt: Date | null;
  /** The name of its maker, else the address; null: the command line. */
  maker: string | null;
};

/** Also revoked ones, newest first. */
export function listTokens(db: Db | Tx): Promise<ListedToken[]> {
  return db.many<ListedToken>(sql`
    ${selectTokens}
     order by t.id desc
  `);
}

/** Those of a publication that are not revoked, newest first; also those for all publications where `withUnbound`. */
export function listTokensOf(
  db: Db | Tx,
  publicationId: string,
  { withUnbound }: { withUnbound: boolean },
): Promise<ListedToken[]> {
  return db.many<ListedToken>(sql`
    ${selectTokens}
     where (t.publication_id = ${publicationId} or (${withUnbound} and t.publication_id is null))
       and t.revoked_at is null
     order by t.id desc
  `);
}

/** Undefined when the account was removed. */
export function findOperator(db: Db | Tx, id: string): Promise<Operator | undefined> {
  return db.maybe<Operator>(sql`
    select ${operatorColumns}
      from operators
     where id = ${id}
       and removed_at is null
  `);
}

/** Accounts that were not removed, oldest first. */
export function listOperators(db: Db | Tx): Promise<Operator[]> {
  return db.many<Operator>(sql`
    select ${operatorColumns}
      from operators
     where removed_at is null
     order by id
  `);
}

/** By the key of her address. Undefined: no account has it. */
export function findOperatorByEmailKey(db: Db | Tx, emailKey: string): Promise<Operator | undefined> {
  return db.maybe<Operator>(sql`
    select ${operatorColumns}
      from operators
     where email_key = ${emailKey}
       and removed_at is null
  `);
}

export function findOperatorRole(
  db: Db | Tx,
  operatorId: string,
  publicationId: string,
): Promise<{ role: Role } | undefined> {
  return db.maybe<{ role: Role }>(sql`
    select role
      from operator_roles
     where operator_id = ${operatorId}
       and publication_id = ${publicationId}
  `);
}

export type OperatorRole = { publicationId: string; role: Role };

export function listOperatorRoles(db: Db | Tx, operatorId: string): Promise<OperatorRole[]> {
  return db.many<OperatorRole>(sql`
    select publication_id, role
      from operator_roles
     where operator_id = ${operatorId}
     order by publication_id
  `);
}

/** Somebody at a publication. Administrators have no role of their own there: they are owners everywhere. */
export type PublicationOperator = Operator & { role: Role };

/** Everybody with a role at a publication, and every administrator, who is its owner; oldest accounts first. */
export function listPublicationOperators(db: Db | Tx, publicationId: string): Promise<PublicationOperator[]> {
  return db.many<PublicationOperator>(sql`
    select ${operatorColumns}, case when is_administrator then 'owner' else r.role end as role
      from operators o
      left join (
        select operator_id, role
          from operator_roles
         where publication_id = ${publicationId}
      ) r on r.operator_id = o.id
     where removed_at is null
       and (is_administrator or r.role is not null)
     order by id
  `);
}

export async function isOtherAdministratorThere(db: Db | Tx, operatorId: string): Promise<boolean> {
  const { found } = await db.one<{ found: boolean }>(sql`
    select exists (select from operators
                    where is_administrator
                      and removed_at is null
                      and id <> ${operatorId}) as found
  `);
  return found;
}

/** The publications of which an operator is the only owner; administrators are owners everywhere. */
export function listSolelyOwned(db: Db | Tx, operatorId: string): Promise<{ publicationId: string }[]> {
  return db.many<{ publicationId: string }>(sql`
    select own.publication_id
      from operator_roles own
     where own.operator_id = ${operatorId}
       and own.role = 'owner'
       and not exists (
         select
           from operators o
           left join operator_roles r
             on r.operator_id = o.id and r.publication_id = own.publication_id and r.role = 'owner'
          where o.removed_at is null
            and o.id <> own.operator_id
            and (o.is_administrator or r.operator_id is not null)
       )
  `);
}
