/** SQL as a tagged template: its values become parameters, never text of the statement. */
export { default as sql, join, raw, type Sql } from 'sql-template-tag';
