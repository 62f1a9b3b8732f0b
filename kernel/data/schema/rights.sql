-- What the application and the operators may do, given anew after every migration; {app} and {ops} are roles.
grant usage on schema public to {app}, {ops};
grant select on all tables in schema public to {app}, {ops};
grant insert, update, delete on all tables in schema public to {app};
grant usage on all sequences in schema public to {app};
-- The trail and its seals are only ever added to; of the event log only the relay's marks may change.
revoke update, delete on trail, trail_seals from {app};
-- A chain's head only moves on, which its trigger sees to.
revoke update, delete on trail_heads from {app};
grant update (position, hash) on trail_heads to {app};
revoke update, delete on outbox from {app};
grant update (sequence, published_at) on outbox to {app};
grant execute on function ensure_month_partitions(text, int) to {app};
-- A partition has rights of its own: through its parent alone may the application reach it. Which revision
-- the database is at is the migrations' to say; there is no such table before the first of them.
do $$ declare part regclass; begin
  for part in select inhrelid from pg_inherits where inhparent in ('trail'::regclass, 'outbox'::regclass)
    union select to_regclass('alembic_version') where to_regclass('alembic_version') is not null
  loop execute format('revoke insert, update, delete on %s from {app}', part); end loop; end $$;
-- What was projected is built a second time in temporary tables, to be laid beside what is kept.
do $$ begin execute format('grant temporary on database %I to {app}', current_database()); end $$;
