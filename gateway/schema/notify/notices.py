"""Who is notified, in GraphQL: a person's notices and digests, what became of their e-mails, notices live."""

from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

import strawberry

from contracts.notify import deliveries, digests
from contracts.notify import notices as contract
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.documents.documents import Document, document_of
from gateway.schema.notify.stream import notices_of

enums(deliveries.DeliveryState)

AfterNumber = Annotated[
    int | None,
    strawberry.argument(description="The `number` of the last notice already seen; 0 for all."),
]


@shown
class Delivery(deliveries.DeliveryView):
    """`contracts.notify.deliveries.DeliveryView`."""

    notice_id: strawberry.Private[UUID]


@shown
class Notice(contract.NoticeView):
    """`contracts.notify.notices.NoticeView` with its deliveries and what it is about."""

    person_id: strawberry.Private[UUID]

    @field("What became of the e-mails sent for this notice.")
    async def deliveries(self, info: Info) -> list[Delivery]:
        views = await info.context.loaders.group(deliveries.DeliveriesOf, self.id, by="notice_id")
        return [present(Delivery, view) for view in views]

    @field("The document it is about, if it is about one.")
    async def document(self, info: Info) -> Document | None:
        return await document_of(info, self.about_id if self.about_type == "document" else None)


@shown
class Digest(digests.DigestView):
    """`contracts.notify.digests.DigestView`."""

    person_id: strawberry.Private[UUID]


@strawberry.type(description="A page of the caller's own digests.")
class DigestConnection(Connection[Digest]):
    """A page of digests."""


@strawberry.type(description="A page of the caller's own notices.")
class NoticeConnection(Connection[Notice]):
    """A page of notices, and how many are unread in all."""

    unread: int


@shown
class NoticesRead(contract.NoticesRead):
    """`contracts.notify.notices.NoticesRead`."""


@strawberry.type
class NotifyQueries:
    """What can be asked of notices."""

    @field(said_of(contract.ListNotices))
    async def notices(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        after_number: AfterNumber = None,
        unread_only: bool = False,
    ) -> NoticeConnection | None:
        info.context.signed_in()
        question = contract.ListNotices(
            first=first, after=after, after_number=after_number, unread_only=unread_only
        )
        page = await info.context.ask(question)
        return connect(NoticeConnection, Notice, page, after, unread=page.unread)

    @field(said_of(digests.ListDigests))
    async def digests(self, info: Info, first: First = 50, after: After = None) -> DigestConnection | None:
        info.context.signed_in()
        page = await info.context.ask(digests.ListDigests(first=first, after=after))
        return connect(DigestConnection, Digest, page, after)


@strawberry.type
class NotifySubscriptions:
    """What a person may hear as it happens."""

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="The caller's notices as they are posted. With `afterNumber` those missed come "
        "first, then live ones: none twice, none left out. Only over `graphql-transport-ws`, with "
        '`{"authorization": "Bearer …"}` in the connection\'s first message.'
    )
    async def notice_posted(
        self, info: Info, after_number: AfterNumber = None
    ) -> AsyncGenerator[Notice, None]:
        info.context.signed_in()
        async for view in notices_of(info.context, after_number):
            info.context.look_afresh()
            yield present(Notice, view)
