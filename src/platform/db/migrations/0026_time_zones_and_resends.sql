-- Time zones of three letters (IST) were taken from forms, programs and operators and cannot be planned with: they become the
-- zones that readers' pages showed for them, those of ICU.
-- And a confirmation has the evidence of the form whose mail was opened: a request that was sent again names its form.

create temporary table renamed_zones (old text primary key, name text not null) on commit drop;
insert into renamed_zones (old, name) values
  ('act', 'Australia/Darwin'),
  ('aet', 'Australia/Sydney'),
  ('agt', 'America/Argentina/Buenos_Aires'),
  ('art', 'Africa/Cairo'),
  ('ast', 'America/Anchorage'),
  ('bet', 'America/Sao_Paulo'),
  ('bst', 'Asia/Dhaka'),
  ('cat', 'Africa/Maputo'),
  ('cnt', 'America/St_Johns'),
  ('cst', 'America/Chicago'),
  ('ctt', 'Asia/Shanghai'),
  ('eat', 'Africa/Nairobi'),
  ('ect', 'Europe/Paris'),
  ('iet', 'America/Indiana/Indianapolis'),
  ('ist', 'Asia/Kolkata'),
  ('jst', 'Asia/Tokyo'),
  ('mit', 'Pacific/Apia'),
  ('net', 'Asia/Yerevan'),
  ('nst', 'Pacific/Auckland'),
  ('plt', 'Asia/Karachi'),
  ('pnt', 'America/Phoenix'),
  ('prt', 'America/Puerto_Rico'),
  ('pst', 'America/Los_Angeles'),
  ('sst', 'Pacific/Guadalcanal'),
  ('vst', 'Asia/Ho_Chi_Minh');

update publications set timezone = z.name from renamed_zones z where lower(timezone) = z.old;
update subscriptions set timezone = z.name from renamed_zones z where lower(timezone) = z.old;
update sign_up_requests set timezone = z.name from renamed_zones z where lower(timezone) = z.old;

alter table sign_up_requests add column resend_of uuid;
