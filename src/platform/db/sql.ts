/** The one way values reach Postgres: as parameters of a tagged template, never as text. */
export { default as sql, join, raw, type Sql } from 'sql-template-tag';
