-- What the application and the operators may do, given anew after every migration; {app} and {ops} are roles.
grant usage on schema public to {app}, {ops};
grant select on all tables in schema public to {app}, {ops};
grant insert, update, delete on all tables in schema public to {app};
grant usage on all sequences in schema public to {app};
-- The trail and its seals are only ever added to; of the event log only the relay's marks may change.
revoke update, delete on trail, trail_seals from {app};
revoke update, delete on outbox from {app};
grant update (sequence, published_at) on outbox to {app};
grant execute on function ensure_month_partitions(text, int) to {app};
