-- Why a feed could not be read is a code with its numbers and names, as JSON: what an operator reads is made when it is
-- shown, and code can compare it. It was a sentence before; one that fits no code is kept as it is.

alter table feeds rename column failure to failure_words;
alter table feeds add column failure jsonb check (failure ? 'code');

update feeds
   set failure = jsonb_build_object('code', 'other', 'words', failure_words)
 where failure_words is not null;

-- The groups of a pattern are the names beside it.
with known (code, pattern, names) as (
  values
    ('timeout', '^(\S+) did not answer in time\.$', '{host}'::text[]),
    ('unknown-name', '^The name (\S+) does not exist\.$', '{host}'),
    ('name-lookup-failed', '^The name (\S+) could not be looked up just now\.$', '{host}'),
    ('connection-refused', '^(\S+) refused the connection\.$', '{host}'),
    ('connection-closed', '^(\S+) closed the connection\.$', '{host}'),
    ('connection-failed', '^(\S+) could not be read \((.*)\)\.$', '{host,error}'),
    ('invalid-certificate', '^The certificate of (\S+) is not valid \((.*)\)\.$', '{host,error}'),
    ('status', '^(\S+) answered with status (\d+)\.$', '{host,status}'),
    ('status', '^(\S+) does not let us read this address \(status (\d+)\)\.$', '{host,status}'),
    ('status', '^(\S+) has nothing at this address \(status (\d+)\)\.$', '{host,status}'),
    ('status', '^(\S+) asks us to come less often \(status (\d+)\)\.$', '{host,status}'),
    ('redirect-without-address', '^(\S+) redirected without saying where to\.$', '{host}'),
    ('too-many-redirects', '^(\S+) redirected more than (\d+) times\.$', '{host,maxRedirects}'),
    ('damaged-compression', '^The compressed answer of (\S+) is damaged\.$', '{host}'),
    ('unknown-compression', '^(\S+) sent a compression nobody asked for \((.*)\)\.$', '{host,encoding}'),
    ('too-large', '^The answer of (\S+) is larger than (\d+) KB\.$', '{host,maxKilobytes}'),
    ('no-web-address', '^This is not a web address\. ', '{}'),
    ('unsupported-scheme', '^Only http and https addresses can be fetched, not (\S+)$', '{scheme}'),
    ('credentials-in-address', '^This address contains a user name or a password\. ', '{}'),
    ('no-ip-address', '^(\S+) has no address\.$', '{host}'),
    ('private-address', '^(\S+) points inside your network\. ', '{host}'),
    ('port-not-allowed', '^Only ports 80 and 443 are fetched, not (\d+)\. .* to allow (\S+) with ', '{port,host}'),
    ('gone', '^The address answers that the feed is gone for good \(410\)\.$', '{}'),
    ('parse-timeout', '^This feed takes too long to read\. ', '{}'),
    ('empty', '^The answer was empty\.$', '{}'),
    ('too-large-or-damaged', '^This is larger than 5 MB, or a damaged archive\.$', '{}'),
    ('web-page', '^This is a web page, not a feed\. ', '{}'),
    ('unknown-format', '^This is neither RSS, Atom nor JSON Feed\.$', '{}'),
    ('broken-json', '^This begins as JSON, and breaks in line (\d+), column (\d+)\.$', '{line,column}')
),
sentences as (
  select id,
         regexp_replace(failure_words, ' Its feeds? (was|are) followed .*$', '') as sentence,
         failure_words ~ ' Its feeds are followed already\.$' as is_followed,
         substring(failure_words from ' Its feed was followed before: add (\S+) itself\.$') as followed_before
    from feeds
   where failure_words is not null
)
update feeds
   set failure = jsonb_build_object('code', known.code)
       || (
         select coalesce(
                  jsonb_object_agg(
                    name,
                    case
                      when name in ('status', 'port', 'maxRedirects', 'maxKilobytes', 'line', 'column')
                        then to_jsonb(value::integer)
                      else to_jsonb(value)
                    end),
                  '{}')
           from unnest(known.names, regexp_match(sentences.sentence, known.pattern)) as detail (name, value)
          where name is not null
       )
       || case
            when is_followed then '{"linkedFeeds": {"kind": "followed"}}'
            when followed_before is not null
              then jsonb_build_object(
                     'linkedFeeds', jsonb_build_object('kind', 'followed-before', 'url', followed_before))
            else '{}'
          end
  from sentences
  join known on sentences.sentence ~ known.pattern
 where feeds.id = sentences.id;

alter table feeds drop column failure_words;
