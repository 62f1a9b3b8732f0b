"""Who is notified on real servers: audiences, numbers without a gap, reading, order that does not matter."""

from datetime import date
from uuid import uuid4

import eventlet
from sqlalchemy import event, func, select

from contracts.audits.events import NonconformityChanged
from contracts.audits.nonconformities import NonconformitySource, NonconformityState, Severity
from contracts.directory import roles as directory
from contracts.directory.delegations import DelegationKind
from contracts.directory.events import DelegationChanged, GrantChanged
from contracts.directory.roles import Role
from contracts.documents import events as documents
from contracts.notify import notices as c
from contracts.notify.deliveries import DeliveriesOf
from kernel.data.tables import outbox, trail
from services.notify.deliveries.tables import deliveries
from services.notify.learnt.tables import capacities, position_roles, positions
from services.notify.notices.tables import notice_heads, notices
from tests.integration.notify.conftest import BEGIN, a_position_changed, issued


def of_revision(agency_id):
    """What every event about a revision says of it."""
    return {
        "document_id": uuid4(),
        "revision_id": uuid4(),
        "agency_id": agency_id,
        "code": "QTTP-20",
        "title": "Công nhận người có uy tín",
        "number": 1,
    }


def submitted(agency_id, by):
    return documents.RevisionSubmitted(
        **of_revision(agency_id),
        submitted_by=by,
    )


def notified_by(world, published, expected):
    """Who was notified, once everybody expected was."""
    envelope = world.publish(published, published.document_id)
    world.eventually(lambda: world.notified(envelope.message_id) >= expected)
    return world.notified(envelope.message_id)


def test_a_submitted_draft_notifies_the_reviewers_who_reach_the_agency(world):
    province = world.an_agency()
    department, other = world.an_agency(province), world.an_agency(province)
    author = world.a_colleague(department, Role.DRAFTER, Role.REVIEWER)
    reviewer = world.a_colleague(department, Role.REVIEWER)
    above = world.a_colleague(province, Role.REVIEWER, with_subtree=True)
    world.a_colleague(province, Role.REVIEWER)
    world.a_colleague(other, Role.REVIEWER)
    world.a_colleague(department, Role.APPROVER)
    world.a_colleague(department, Role.REVIEWER, held_to=date(2026, 1, 1))
    assert notified_by(world, submitted(department, author), {reviewer, above}) == {reviewer, above}


def test_an_issued_revision_notifies_every_colleague_there_and_where_it_is_distributed(world):
    province = world.an_agency()
    department, receiving, other = (world.an_agency(province) for _ in range(3))
    author, reader = world.a_colleague(department), world.a_colleague(department)
    receiver = world.a_colleague(receiving)
    world.a_colleague(other)
    world.a_position(receiving, reader)
    published = issued(department, author, distribution=(receiving,))
    assert notified_by(world, published, {author, reader, receiver}) == {author, reader, receiver}


def test_one_who_holds_two_of_the_roles_is_notified_once(world):
    department = world.an_agency()
    head = world.a_colleague(department, Role.UNIT_LEADER, Role.ISO_HEAD)
    published = NonconformityChanged(
        nonconformity_id=uuid4(),
        number="KPH-2026-0001",
        agency_id=department,
        source=NonconformitySource.MANUAL,
        severity=Severity.MINOR,
        state=NonconformityState.OPEN,
        description="Hồ sơ trả chậm",
        raised=True,
    )
    envelope = world.publish(published, published.nonconformity_id)
    world.eventually(lambda: world.notified(envelope.message_id))
    assert world.notified(envelope.message_id) == {head}


def test_a_returned_revision_notifies_its_author_with_the_reason(world):
    department = world.an_agency(name="Sở Dân tộc và Tôn giáo")
    author = world.a_colleague(department)
    reviewer = world.a_colleague(department, full_name="Phạm Văn Soát")
    published = documents.RevisionReturned(
        **of_revision(department),
        author_id=author,
        returned_by=reviewer,
        reason="Thiếu biểu mẫu ở bước 3",
    )
    assert notified_by(world, published, {author}) == {author}
    [notice] = world.inbox(author).items
    assert "Thiếu biểu mẫu ở bước 3" in notice.body
    assert "Phạm Văn Soát" in notice.body
    assert "Sở Dân tộc và Tôn giáo" in notice.body_en
    assert (notice.kind, notice.about_type, notice.about_id) == (
        "revision_returned",
        "document",
        published.document_id,
    )


def test_an_event_heard_twice_notifies_people_once(world):
    department = world.an_agency()
    author = world.a_colleague(department)
    message_id, published = uuid4(), issued(department, author)
    for _ in range(3):
        world.publish(published, published.document_id, message_id=message_id)
    later = issued(department, author)
    notified_by(world, later, {author})
    assert [notice.number for notice in world.inbox(author).items] == [2, 1]


def test_a_notice_leaves_an_event_and_the_posting_a_trail(world):
    department = world.an_agency()
    author = world.a_colleague(department)
    published = issued(department, author)
    notified_by(world, published, {author})
    [notice] = world.inbox(author).items
    with world.database.sessions() as session:
        posted = session.execute(select(outbox).where(outbox.c.aggregate_id == notice.id)).one()
        row = session.execute(select(trail).where(trail.c.subject_id == published.document_id)).one()
    assert posted.topic == "notify.notice_posted.v1"
    assert posted.event["number"] == 1
    assert posted.event["person_id"] == str(author)
    assert (row.agency_id, row.after["told"]) == (department, 1)


def test_five_hundred_people_are_notified_in_a_handful_of_statements(world):
    department = world.an_agency()
    author = world.a_colleague(department)
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql(MANY.replace("$agency", str(department)))
    statements = []
    note = lambda *args: statements.append((args[2], args[5]))  # noqa: E731
    event.listen(world.database.engine, "before_cursor_execute", note)
    envelope = world.publish(issued(department, author), uuid4())
    world.eventually(lambda: len(world.notified(envelope.message_id)) == 501)
    event.remove(world.database.engine, "before_cursor_execute", note)
    written = [sql for sql, _ in statements if "insert into notices" in sql.lower()]
    numbered = [sql for sql, _ in statements if "insert into notice_heads" in sql.lower()]
    assert len(numbered) == 1
    assert len(written) <= 2, f"{len(written)} statements for 501 notices"


def test_what_concerns_more_people_than_the_rule_lets_sends_no_letter_at_once(world):
    department = world.an_agency()
    author = world.a_colleague(department)
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql(MANY.replace("$agency", str(department)))
        connection.exec_driver_sql(KNOWN)
    envelope = world.publish(issued(department, author), uuid4())
    world.eventually(lambda: len(world.notified(envelope.message_id)) == 501)
    with world.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(deliveries)) == 0
    few = world.an_agency()
    reader = world.a_colleague(few)
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql(KNOWN)
    envelope = world.publish(issued(few, reader), uuid4())
    world.eventually(lambda: world.notified(envelope.message_id))
    with world.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(deliveries)) == 1


KNOWN = """
insert into people (id, full_name, email, version)
select person_id, 'Người Mẫu', 'nguoi.mau@ninhbinh.example', 1 from positions
on conflict (id) do update set email = excluded.email
"""
MANY = """
insert into positions (id, agency_id, person_id, title, held_from, version)
select gen_random_uuid(), '$agency', gen_random_uuid(), 'Chuyên viên', '2025-07-01', 1
  from generate_series(1, 500)
"""


def test_numbers_seen_while_notices_are_posted_side_by_side_never_skip_one(world):
    department = world.an_agency()
    author = world.a_colleague(department)
    others = [world.a_colleague(department) for _ in range(3)]
    total, seen, gaps = 60, [], []

    def resume():
        """What a client does: ask for what comes after the last number it has."""
        while len(seen) < total:
            last = seen[-1] if seen else 0
            with world.database.sessions() as session:
                found = session.scalars(
                    select(notices.c.number)
                    .where(notices.c.person_id == author, notices.c.number > last)
                    .order_by(notices.c.number)
                ).all()
            if found and found[0] != last + 1:
                gaps.append((last, found[0]))
            seen.extend(found)
            eventlet.sleep(0.001)

    client = eventlet.spawn(resume)
    posters = [eventlet.spawn(publish_issued, world, department, author, total // 4) for _ in range(4)]
    for poster in posters:
        poster.wait()
    with eventlet.Timeout(60):
        client.wait()
    assert gaps == []
    assert seen == list(range(1, total + 1))
    with world.database.sessions() as session:
        heads = session.scalars(select(notice_heads.c.last_number)).all()
    assert sorted(heads) == [total] * (1 + len(others))


def publish_issued(world, department, author, count):
    for _ in range(count):
        world.publish(issued(department, author), uuid4())


def test_a_client_resumes_after_the_last_number_it_has(world):
    department = world.an_agency()
    author = world.a_colleague(department)
    for _ in range(5):
        notified_by(world, issued(department, author), {author})
    assert [notice.number for notice in world.inbox(author, after_number=2).items] == [3, 4, 5]
    page = world.inbox(author, after_number=0, first=2)
    rest = world.inbox(author, after_number=0, first=10, after=page.cursors[-1])
    assert [notice.number for notice in [*page.items, *rest.items]] == [1, 2, 3, 4, 5]
    assert [notice.number for notice in world.inbox(author).items] == [5, 4, 3, 2, 1]


def test_reading_is_remembered_once_and_only_for_oneself(world):
    department = world.an_agency()
    author, reader = world.a_colleague(department), world.a_colleague(department)
    for _ in range(3):
        notified_by(world, issued(department, author), {author, reader})
    command = c.MarkNoticesRead(request_id=uuid4(), up_to_number=2)
    assert world.ask("mark_notices_read", command, author) == {"marked": 2, "unread": 1}
    assert world.ask("mark_notices_read", command, author) == {"marked": 2, "unread": 1}
    again = c.MarkNoticesRead(request_id=uuid4(), up_to_number=2)
    assert world.ask("mark_notices_read", again, author) == {"marked": 0, "unread": 1}
    assert [notice.number for notice in world.inbox(author, unread_only=True).items] == [3]
    assert world.inbox(reader).unread == 3
    with world.database.sessions() as session:
        assert session.scalar(select(func.count()).where(trail.c.action == "notify:mark_notices_read")) == 1


def test_a_person_sees_only_their_own_notices_and_deliveries(world):
    department = world.an_agency()
    author = world.a_colleague(department, email="mau@ninhbinh.example")
    stranger = world.a_colleague(world.an_agency())
    notified_by(world, issued(department, author), {author})
    [notice] = world.inbox(author).items
    assert world.inbox(stranger).items == []
    assert world.ask("deliveries_of", DeliveriesOf(ids=[notice.id]), stranger) == []
    public = world.rpc.call("notify.list_notices", c.ListNotices())
    assert public["refused"]["code"] == "not_signed_in"


def test_facts_about_a_position_may_come_late_twice_and_in_any_order(world):
    department, person_id, position_id = world.an_agency(), uuid4(), uuid4()
    drafter = directory.HeldRole(role=Role.DRAFTER, agency_id=department)
    begun = a_position_changed(position_id, department, person_id, roles=(drafter,))
    ended = a_position_changed(position_id, department, person_id, held_to=date(2026, 1, 1))
    for fact, version in ((ended, 2), (begun, 1), (ended, 2), (begun, 1)):
        world.publish(fact, position_id, version=version)
    marker = world.a_colleague(department)
    assert world.knows(positions, position_id)
    world.eventually(lambda: state_of(world, position_id) == (2, date(2026, 1, 1), 0))
    published = issued(department, marker)
    assert notified_by(world, published, {marker}) == {marker}
    assert state_of(world, position_id) == (2, date(2026, 1, 1), 0)


def state_of(world, position_id):
    """Version, end and number of roles of a position as notify knows it."""
    with world.database.sessions() as session:
        row = session.execute(select(positions).where(positions.c.id == position_id)).one()
        roles = select(func.count()).where(position_roles.c.position_id == position_id)
        return row.version, row.held_to, session.scalar(roles)


def test_one_who_has_the_role_in_person_is_notified_too_as_long_as_it_lasts(world):
    """From the first day to the eve of the last, in whatever order the facts come."""
    department = world.an_agency()
    author, holder = world.a_colleague(department), world.a_colleague(world.an_agency())
    nobody = uuid4()
    role = {"role": Role.APPROVER, "agency_id": department, "with_subtree": False, "valid_from": BEGIN}
    ids = {person: uuid4() for person in (holder, nobody)}
    for person, grant_id in ids.items():
        world.publish(GrantChanged(grant_id=grant_id, person_id=person, **role), grant_id)
        world.eventually(lambda: world.knows(capacities, grant_id))  # noqa: B023
    reviewed = {
        "document_id": uuid4(),
        "revision_id": uuid4(),
        "agency_id": department,
        "code": "QTTP-20",
        "title": "Công nhận người có uy tín",
        "number": 1,
        "author_id": author,
        "reviewed_by": uuid4(),
    }
    assert notified_by(world, documents.RevisionReviewed(**reviewed), {holder}) == {holder}
    ended = GrantChanged(grant_id=ids[holder], person_id=holder, **role, valid_to=BEGIN)
    begun = GrantChanged(grant_id=ids[holder], person_id=holder, **role)
    for fact, version in ((ended, 3), (begun, 1)):
        world.publish(fact, ids[holder], version=version)
    known = select(capacities.c.version).where(capacities.c.id == ids[holder])
    world.eventually(lambda: world.scalar(known) == 3)
    marker = world.a_colleague(department, Role.APPROVER)
    again = documents.RevisionReviewed(**reviewed | {"document_id": uuid4()})
    assert notified_by(world, again, {marker}) == {marker}


def test_one_who_acts_for_an_approver_is_notified_like_the_approver(world):
    department, delegation_id = world.an_agency(), uuid4()
    author, approver = world.a_colleague(department), world.a_colleague(department, Role.APPROVER)
    deputy = world.a_colleague(department)
    fact = DelegationChanged(
        delegation_id=delegation_id,
        kind=DelegationKind.AUTHORISATION,
        agency_id=department,
        from_position_id=uuid4(),
        given_by=approver,
        to_position_id=uuid4(),
        to_person_id=deputy,
        roles=(directory.HeldRole(role=Role.APPROVER, agency_id=department),),
        signing_authority=False,
        valid_from=BEGIN,
        valid_to=date(2099, 1, 1),
    )
    world.publish(fact, delegation_id)
    world.eventually(lambda: world.knows(capacities, delegation_id))
    reviewed = documents.RevisionReviewed(
        **of_revision(department),
        author_id=author,
        reviewed_by=uuid4(),
    )
    assert notified_by(world, reviewed, {approver, deputy}) == {approver, deputy}
