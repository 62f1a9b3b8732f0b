-- The head of a chain says how long it is. The application that seals may only move it on, along seals that are
-- there and follow from where it stood: whoever has the application's password can neither rewind a chain, so that
-- its cut tail is not missed, nor give it another end. The owner may, for restoring and for proofs.
create function guard_trail_head() returns trigger language plpgsql
  -- The application may make temporary tables; one that is called trail_seals must not be asked.
  set search_path = pg_catalog, public, pg_temp
as $$
declare
  stood bigint := 0;
  ended bytea := decode(repeat('00', 32), 'hex');
begin
  if pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
    return new;
  end if;
  if tg_op = 'UPDATE' then
    if (new.agency_id, new.month) is distinct from (old.agency_id, old.month) then
      raise exception 'trail_heads: a head stays with its chain' using errcode = 'insufficient_privilege';
    end if;
    stood := old.position;
    ended := old.hash;
  elsif exists (select from public.trail_heads h where h.agency_id = new.agency_id and h.month = new.month) then
    return new;  -- an upsert, of which the update is judged
  end if;
  if new.position <= stood
    or (select count(*) from public.trail_seals s
         where s.agency_id = new.agency_id and s.month = new.month
           and s.position > stood and s.position <= new.position) <> new.position - stood
    or not exists (select from public.trail_seals s
         where s.agency_id = new.agency_id and s.month = new.month
           and s.position = stood + 1 and s.previous_hash = ended)
    or not exists (select from public.trail_seals s
         where s.agency_id = new.agency_id and s.month = new.month
           and s.position = new.position and s.hash = new.hash)
  then
    raise exception 'trail_heads: a head moves on along its seals, and never back'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create trigger guard_trail_head before insert or update on trail_heads
  for each row execute function guard_trail_head();
