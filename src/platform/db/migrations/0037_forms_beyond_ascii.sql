-- Forms with an address that no mail server of ours takes are counted by themselves: nothing was mistyped in them.

alter table sign_up_counts
  drop constraint sign_up_counts_outcome_check,
  add constraint sign_up_counts_outcome_check check (outcome in (
    'recorded', 'held', 'too-many', 'honeypot', 'empty', 'malformed', 'typo', 'no-mail-server', 'beyond-ascii', 'proof-needed', 'invalid'));
