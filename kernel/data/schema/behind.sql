-- What a question may see of rows, as the kernel says it of the actor (kernel/trust/row_security.py): the agencies
-- named alone, those named with all below, and the business date. Without a word everything is seen.
-- In plpgsql, whose plans a connection keeps: as SQL functions they were planned anew in every question.

create function eiso_sees_all() returns boolean language plpgsql stable parallel safe as $$
declare
  said text := coalesce(nullif(current_setting('eiso.sees', true), ''), 'all');
  below uuid[];
begin
  if said = 'all' then
    return true;
  end if;
  below := string_to_array(split_part(said, '|', 2), ',')::uuid[];
  return cardinality(below) > 0
     and exists (select from agency_nodes where id = any (below) and parent_id is null);
end $$;

create function eiso_reach() returns uuid[] language plpgsql stable parallel safe as $$
declare
  said text := coalesce(nullif(current_setting('eiso.sees', true), ''), 'all');
  alone uuid[];
  below uuid[];
  today date;
begin
  if said = 'all' then
    return '{}';
  end if;
  alone := string_to_array(split_part(said, '|', 1), ',')::uuid[];
  below := string_to_array(split_part(said, '|', 2), ',')::uuid[];
  today := split_part(said, '|', 3)::date;
  if cardinality(below) > 0 then
    alone := alone || array(
      select descendant_id from agency_closure
       where ancestor_id = any (below) and valid_from <= today and (valid_to is null or valid_to > today));
  end if;
  return alone;
end $$;
