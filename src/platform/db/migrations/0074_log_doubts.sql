-- Why the log of a mail server did not decide what became of an uncertain mail, as it was looked up the last time: a name of
-- src/deliveries/log-doubt.ts. It means something while the mail is uncertain.

-- Up Migration

alter table deliveries add column log_doubt text;

alter table notices add column log_doubt text;
