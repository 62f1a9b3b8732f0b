"""What an act makes of the tree: judged as a whole against the facts, before anything is changed."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.directory.reorganisations import (
    AgencyAmendment,
    AgencyDissolution,
    AgencyMerge,
    AgencySplit,
    NewAgency,
    PlannedSuccession,
    ReorganisationPlan,
    SuccessionKind,
)
from kernel.base.errors import Conflict, Invalid, NotFound
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.agencies.domain.kinds import Kinds
from services.directory.agencies.domain.outcome import Heirs, Outcome, Tree
from services.directory.agencies.domain.tidy import AMENDABLE, tidy
from services.directory.reorganisations.domain.placing import Placing


def resolve(plan: ReorganisationPlan, tree: Tree, kinds: Kinds) -> Outcome:
    """The outcome of an act, or the refusal that names the part of it that cannot be."""
    return _Resolving(plan, tree, kinds).resolve()


def named_in(plan: ReorganisationPlan) -> tuple[set[UUID], set[str]]:
    """The agencies that an act speaks of, those it creates among them, and the codes it gives."""
    ids, codes = {each.id for each in plan.creations}, {each.code for each in plan.creations}
    ids |= {each.parent_id for each in plan.creations}
    for amendment in plan.amendments:
        ids |= {amendment.agency_id} | ({amendment.parent_id} if amendment.parent_id else set())
        codes |= {amendment.code} if amendment.code else set()
    for merge in plan.merges:
        ids |= {merge.into_id, *merge.from_ids}
    for split in plan.splits:
        ids |= {split.agency_id, *split.into_ids}
    for gone in plan.dissolutions:
        ids |= {gone.agency_id, *gone.successor_ids}
    return ids, codes


class _Resolving:
    """One act being judged."""

    def __init__(self, plan: ReorganisationPlan, tree: Tree, kinds: Kinds) -> None:
        self.plan, self.tree = plan, tree
        self.day = plan.effective_on
        self.outcome = Outcome(day=self.day)
        self.paths: dict[UUID, str] = {}
        self.placing = Placing(self.outcome, tree, kinds, self.paths)

    def resolve(self) -> Outcome:
        plan = self.plan
        for n, new in enumerate(plan.creations):
            self._create(new, f"creations.{n}")
        for n, merge in enumerate(plan.merges):
            self._merge(merge, f"merges.{n}")
        for n, split in enumerate(plan.splits):
            self._split(split, f"splits.{n}")
        for n, gone in enumerate(plan.dissolutions):
            self._dissolve(gone, f"dissolutions.{n}")
        for n, amendment in enumerate(plan.amendments):
            self._amend(amendment, f"amendments.{n}")
        if not self.outcome.parts:
            raise Invalid("reorganisation_empty", "amendments")
        self._name_heirs()
        self._name_heirs_of_things()
        self._care_for_children()
        self.placing.check()
        return self.outcome

    def _create(self, new: NewAgency, path: str) -> None:
        if new.id in self.outcome.created or self.tree.find(new.id) is not None:
            raise Conflict("agency_id_taken", f"{path}.id")
        facts = {name: getattr(new, name) for name in AMENDABLE}
        self.outcome.created[new.id] = tidy(
            AgencyPeriod(agency_id=new.id, valid_from=self.day, basis=self.plan.basis.number, **facts), path
        )
        self.paths[new.id] = path

    def _merge(self, merge: AgencyMerge, path: str) -> None:
        into = self._taker(merge.into_id, f"{path}.intoId")
        is_new = merge.into_id in self.outcome.created
        if len(set(merge.from_ids)) < len(merge.from_ids):
            raise Invalid("agency_named_twice", f"{path}.fromIds")
        if is_new and len(merge.from_ids) < 2:
            raise Invalid("merge_of_one", f"{path}.fromIds", name=into)
        kind = SuccessionKind.CONSOLIDATION if is_new else SuccessionKind.ABSORPTION
        for n, agency_id in enumerate(merge.from_ids):
            at = f"{path}.fromIds.{n}"
            if agency_id == merge.into_id:
                raise Invalid("merge_into_itself", at, name=into)
            # A unit that several others share among them stands in several merges of one act.
            shared = agency_id in self.outcome.ended and self.outcome.ended[agency_id].startswith("merges.")
            if not shared:
                self._end(agency_id, at)
            self._succeed(agency_id, merge.into_id, kind, at)

    def _split(self, split: AgencySplit, path: str) -> None:
        at = f"{path}.agencyId"
        name = self._standing(split.agency_id, at).last.name
        if len(split.into_ids) < (1 if split.goes_on else 2):
            raise Invalid("split_into_one", f"{path}.intoIds", name=name)
        if not split.goes_on:
            self._end(split.agency_id, at)
        elif split.agency_id in self.outcome.heirs or split.agency_id in self.outcome.ended:
            raise Conflict("agency_named_twice", at)
        kind = SuccessionKind.SEPARATION if split.goes_on else SuccessionKind.DIVISION
        for n, agency_id in enumerate(split.into_ids):
            self._taker(agency_id, f"{path}.intoIds.{n}")
            if agency_id == split.agency_id or agency_id in split.into_ids[:n]:
                raise Invalid("agency_named_twice", f"{path}.intoIds.{n}")
            self._succeed(split.agency_id, agency_id, kind, path, goes_on=split.goes_on)
        if split.rest_to is not None and split.rest_to not in split.into_ids:
            raise Invalid("rest_goes_elsewhere", f"{path}.restTo", name=name)
        heirs = self.outcome.heirs[split.agency_id]
        heirs.rest = split.rest_to
        heirs.things = self._things_to(split.things_to, path)
        heirs.everybody_placed = not split.goes_on
        if split.goes_on:
            heirs.among.append(split.agency_id)
            heirs.rest = split.rest_to or split.agency_id

    def _dissolve(self, gone: AgencyDissolution, path: str) -> None:
        self._end(gone.agency_id, f"{path}.agencyId")
        self.outcome.heirs[gone.agency_id] = Heirs(path=f"{path}.agencyId")
        for n, agency_id in enumerate(gone.successor_ids):
            at = f"{path}.successorIds.{n}"
            self._taker(agency_id, at)
            self._succeed(gone.agency_id, agency_id, SuccessionKind.DISSOLUTION, at)
        self.outcome.heirs[gone.agency_id].things = self._things_to(gone.things_to, path)

    def _amend(self, amendment: AgencyAmendment, path: str) -> None:
        at = f"{path}.agencyId"
        last = self._standing(amendment.agency_id, at).last
        if amendment.agency_id in self.outcome.changed:
            raise Invalid("agency_named_twice", at)
        given = {name: value for name in AMENDABLE if (value := getattr(amendment, name))}
        cleared: dict[str, Any] = {fact.value: None for fact in amendment.clears}
        if "aliases" in cleared:
            cleared["aliases"] = []
        changes = {n: v for n, v in (cleared | given).items() if getattr(last, n) != v}
        if not changes:
            raise Invalid("amendment_changes_nothing", at, name=last.name)
        self._change(amendment.agency_id, path, **changes)

    def _change(self, agency_id: UUID, path: str, **changes: Any) -> None:
        """A new period of an agency that goes on."""
        before = self._standing(agency_id, path).last
        period = before.follow(self.day, basis=self.plan.basis.number, reorganisation_id=None, **changes)
        self.outcome.changed[agency_id] = tidy(period, path)
        self.paths[agency_id] = path

    def _end(self, agency_id: UUID, at: str) -> None:
        agency = self._standing(agency_id, at)
        if agency_id in self.outcome.heirs:
            raise Conflict("agency_named_twice", at)
        if agency.last.parent_id is None:
            raise Conflict("agency_root_stays", at, name=agency.last.name)
        self.outcome.ended[agency_id] = at

    def _succeed(
        self, before: UUID, after: UUID, kind: SuccessionKind, path: str, *, goes_on: bool = False
    ) -> None:
        heirs = self.outcome.heirs.setdefault(before, Heirs(path=path))
        if after in heirs.among:
            raise Invalid("agency_named_twice", path)
        heirs.among.append(after)
        self.outcome.successions.append(
            PlannedSuccession(predecessor_id=before, successor_id=after, kind=kind, goes_on=goes_on)
        )

    def _name_heirs(self) -> None:
        """Who takes over must itself be there afterwards; the people of a merged agency all go with it."""
        for agency_id, heirs in self.outcome.heirs.items():
            for heir in heirs.among:
                if heir in self.outcome.ended:
                    raise Conflict("heir_ends_too", heirs.path, name=self._name(heir))
            if self.outcome.ended.get(agency_id, "").startswith("merges."):
                heirs.everybody_placed = True
                heirs.rest = heirs.among[0] if len(heirs.among) == 1 else None

    def _things_to(self, wanted: UUID | None, path: str) -> UUID | None:
        """Whom the act names to go on with the things; whether it may is judged when all is known."""
        if wanted is not None:
            self._taker(wanted, f"{path}.thingsTo")
        return wanted

    def _name_heirs_of_things(self) -> None:
        """Name for every agency that ends the one that goes on with its documents, dossiers and audits."""
        for agency_id, heirs in self.outcome.heirs.items():
            name = self._name(agency_id)
            at = f"{heirs.path.removesuffix('.agencyId')}.thingsTo"
            if agency_id not in self.outcome.ended:
                if heirs.things is not None:
                    raise Invalid("things_stay", at, name=name)
                continue
            if heirs.things is None:
                heirs.things = self._goes_on_with(agency_id, heirs)
            elif heirs.things not in heirs.among and heirs.things not in self.outcome.created:
                raise Invalid("things_go_elsewhere", at, name=name)

    def _goes_on_with(self, agency_id: UUID, heirs: Heirs) -> UUID | None:
        """The first that takes over, else the agency above, or the one above that where that ends too."""
        if heirs.rest is not None or heirs.among:
            return heirs.rest or heirs.among[0]
        above = self.tree.find(agency_id)
        parent = above.last.parent_id if above else None
        gone = self.outcome.heirs.get(parent) if parent in self.outcome.ended else None
        return parent if gone is None or parent is None else gone.things or self._goes_on_with(parent, gone)

    def _care_for_children(self) -> None:
        """What stood below an agency that ends goes on below its only heir, or the act says where."""
        for agency_id, path in list(self.outcome.ended.items()):
            for child in self.tree.children(agency_id, self.day):
                if child in self.outcome.ended:
                    continue
                draft = self.outcome.changed.get(child)
                if draft is not None and draft.parent_id != agency_id:
                    continue
                # It may have left since: between the two it would stand below nothing.
                self._standing(child, path)
                heirs = self.outcome.heirs[agency_id]
                if not path.startswith("merges.") or heirs.rest is None:
                    facts = {"name": self._name(agency_id), "child": self._name(child)}
                    raise Conflict("agency_children_left", path, **facts)
                if draft is not None:
                    draft.parent_id = heirs.rest
                else:
                    self._change(child, path, parent_id=heirs.rest)

    def _taker(self, agency_id: UUID, path: str) -> str:
        """The name of the agency that takes over: created by this act, or there already."""
        new = self.outcome.created.get(agency_id)
        return new.name if new else self._standing(agency_id, path, changes=False).last.name

    def _standing(self, agency_id: UUID, path: str, *, changes: bool = True) -> Agency:
        """The agency, which has no end; where the act `changes` it, its latest state began before."""
        agency = self.tree.find(agency_id)
        if agency is None:
            raise NotFound("agency_not_found", path)
        name = agency.last.name
        if agency.begins_on > self.day:
            raise Invalid("reorganisation_before_beginning", path, name=name, day=_read(agency.begins_on))
        if agency.ends_on is not None:
            raise Conflict("agency_has_ended", path, name=name, day=_read(agency.ends_on))
        if changes and agency.last.valid_from >= self.day:
            raise Conflict("agency_changed_since", path, name=name, day=_read(agency.last.valid_from))
        if self.outcome.ended.get(agency_id, path) != path and not path.startswith("merges."):
            raise Conflict("agency_ends_in_this_act", path, name=name)
        return agency

    def _name(self, agency_id: UUID) -> str:
        known = self.outcome.created.get(agency_id)
        agency = self.tree.find(agency_id)
        return known.name if known else agency.last.name if agency else "?"


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
