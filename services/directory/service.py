"""What the directory answers to on the bus."""

from contracts.directory import access as n
from contracts.directory import accounts as a
from contracts.directory import clients as k
from contracts.directory import delegations as d
from contracts.directory import events
from contracts.directory import grants as g
from contracts.directory import hand_overs as h
from contracts.directory import imports as i
from contracts.directory import quality_systems as y
from contracts.directory import reorganisations as r
from contracts.directory import roles as o
from contracts.directory import staff as c
from contracts.directory.agencies import AgenciesByIds, AgencyPage, AgencyView, CreateAgency, ListAgencies
from contracts.directory.events import AgenciesReorganised
from kernel.bus.rpc import command, query
from kernel.call import Call
from kernel.errors import Refusal
from kernel.service import Backlog, Projection, Service, Sweep
from kernel.trust import visibility
from services.directory import (
    catalogue,
    delegations,
    grants,
    hand_overs,
    histories,
    leaving,
    queries,
    staff,
    staff_imports,
    sweeps,
    systems,
    tools,
)
from services.directory.handlers import (
    access,
    accounts,
    agencies,
    clients,
    delegating,
    handing_over,
    importing,
    people,
    reorganising,
    sessions,
    signing_in,
)
from services.directory.handlers import grants as granting
from services.directory.handlers import staff as staffing
from services.directory.handlers import systems as keeping_systems
from services.directory.policy import POLICY, RACES
from services.directory.settings import DirectorySettings


class DirectoryService(Service):
    """Agencies, people, positions, roles, and signing in."""

    name = "directory"
    policy = POLICY
    settings = DirectorySettings
    constraints = RACES
    equip = staticmethod(tools.equip)
    # It only looks up and lists; nothing it is asked sums up a whole table.
    by_index = True
    sweeps = (
        Sweep(name="forget", every=60.0, run=sweeps.forget),
        Sweep(name="reseal_identity_numbers", every=60.0, run=staffing.reseal),
        Sweep(name="disable_idle", every=3600.0, run=sweeps.disable_idle),
        Sweep(name="watch_clients", every=3600.0, run=clients.watch),
        Sweep(name="apply_reorganisations", every=2.0, run=reorganising.apply_due),
        Sweep(name="tell_leavings", every=300.0, run=leaving.tell_leavings),
    )
    jobs = {importing.CHECK: importing.judge_step, importing.APPLY: importing.apply_step}
    backlogs = (
        Backlog(
            name="reorganisations_due",
            due="""select count(*), min(effective_on)::timestamp at time zone 'Asia/Ho_Chi_Minh'
                     from reorganisations where state = 'scheduled'
                      and effective_on <= (:now at time zone 'Asia/Ho_Chi_Minh')::date""",
            in_business_time=True,
        ),
    )
    projections = (
        Projection(tables=visibility.TREE, own={events.AgencyChanged: agencies.learn_agency}),
        Projection(
            tables=visibility.SUCCESSIONS,
            own={AgenciesReorganised: reorganising.learn_own_successions},
        ),
    )

    @query(AgenciesByIds)
    def agencies_by_ids(self, call: Call, question: AgenciesByIds) -> list[AgencyView]:
        return queries.agencies_by_ids(call, question)

    @query(ListAgencies)
    def list_agencies(self, call: Call, question: ListAgencies) -> AgencyPage:
        return queries.list_agencies(call, question)

    @query(r.AgencyHistories)
    def agency_histories(self, call: Call, question: r.AgencyHistories) -> list[r.AgencyPeriodView]:
        return histories.agency_histories(call, question)

    @query(r.PredecessorsByIds)
    def predecessors_by_ids(self, call: Call, question: r.PredecessorsByIds) -> list[r.SuccessionView]:
        return histories.predecessors_by_ids(call, question)

    @query(r.SuccessorsByIds)
    def successors_by_ids(self, call: Call, question: r.SuccessorsByIds) -> list[r.SuccessionView]:
        return histories.successors_by_ids(call, question)

    @query(r.ListReorganisations)
    def list_reorganisations(self, call: Call, question: r.ListReorganisations) -> r.ReorganisationPage:
        return histories.list_reorganisations(call, question)

    @query(r.ReorganisationPreview)
    def reorganisation_preview(
        self, call: Call, question: r.ReorganisationPreview
    ) -> r.ReorganisationPreviewView:
        return reorganising.preview(call, question)

    @query(o.ListRoles)
    def list_roles(self, call: Call, question: o.ListRoles) -> list[o.RoleView]:
        return catalogue.list_roles(call, question)

    @query(h.HandOversByIds)
    def hand_overs_by_ids(self, call: Call, question: h.HandOversByIds) -> list[h.HandOverView]:
        return hand_overs.hand_overs_by_ids(call, question)

    @query(h.ListHandOvers)
    def list_hand_overs(self, call: Call, question: h.ListHandOvers) -> h.HandOverPage:
        return hand_overs.list_hand_overs(call, question)

    @command(h.DrawUpHandOver)
    def draw_up_hand_over(self, call: Call, command: h.DrawUpHandOver) -> h.HandOverView:
        return handing_over.draw_up_hand_over(call, command)

    @command(h.AcceptHandOver)
    def accept_hand_over(self, call: Call, command: h.AcceptHandOver) -> h.HandOverView:
        return handing_over.accept_hand_over(call, command)

    @command(h.ConfirmHandOver)
    def confirm_hand_over(self, call: Call, command: h.ConfirmHandOver) -> h.HandOverView:
        return handing_over.confirm_hand_over(call, command)

    @command(h.CancelHandOver)
    def cancel_hand_over(self, call: Call, command: h.CancelHandOver) -> h.HandOverView:
        return handing_over.cancel_hand_over(call, command)

    @query(y.SystemsByIds)
    def systems_by_ids(self, call: Call, question: y.SystemsByIds) -> list[y.SystemView]:
        return systems.systems_by_ids(call, question)

    @query(y.ListSystems)
    def list_systems(self, call: Call, question: y.ListSystems) -> y.SystemPage:
        return systems.list_systems(call, question)

    @query(y.ListStandards)
    def list_standards(self, call: Call, question: y.ListStandards) -> list[y.StandardView]:
        return systems.list_standards(call, question)

    @command(y.CreateSystem)
    def create_system(self, call: Call, command: y.CreateSystem) -> y.SystemView:
        return keeping_systems.create_system(call, command)

    @command(y.AmendSystem)
    def amend_system(self, call: Call, command: y.AmendSystem) -> y.SystemView:
        return keeping_systems.amend_system(call, command)

    @command(y.AppointCommittee)
    def appoint_committee(self, call: Call, command: y.AppointCommittee) -> y.SystemView:
        return keeping_systems.appoint_committee(call, command)

    @command(y.ApplySystem)
    def apply_system(self, call: Call, command: y.ApplySystem) -> y.SystemView:
        return keeping_systems.apply_system(call, command)

    @command(y.DeclareSystem)
    def declare_system(self, call: Call, command: y.DeclareSystem) -> y.SystemView:
        return keeping_systems.declare_system(call, command)

    @command(y.EndSystem)
    def end_system(self, call: Call, command: y.EndSystem) -> y.SystemView:
        return keeping_systems.end_system(call, command)

    @query(c.PeopleByIds)
    def people_by_ids(self, call: Call, question: c.PeopleByIds) -> list[c.PersonView]:
        return staff.people_by_ids(call, question)

    @query(c.ListPeople)
    def list_people(self, call: Call, question: c.ListPeople) -> c.PersonPage:
        return staff.list_people(call, question)

    @query(c.PositionsByIds)
    def positions_by_ids(self, call: Call, question: c.PositionsByIds) -> list[c.PositionView]:
        return queries.positions_by_ids(call, question)

    @query(c.ListPositions)
    def list_positions(self, call: Call, question: c.ListPositions) -> c.PositionPage:
        return queries.list_positions(call, question)

    @query(d.ListDelegations)
    def list_delegations(self, call: Call, question: d.ListDelegations) -> d.DelegationPage:
        return delegations.list_delegations(call, question)

    @query(i.PeopleImport)
    def people_import(self, call: Call, question: i.PeopleImport) -> i.PeopleImportView:
        return staff_imports.people_import(call, question)

    @query(i.ListImportedRows)
    def list_imported_rows(self, call: Call, question: i.ListImportedRows) -> i.ImportedRowPage:
        return staff_imports.list_imported_rows(call, question)

    @query(g.ListGrants)
    def list_grants(self, call: Call, question: g.ListGrants) -> g.GrantPage:
        return grants.list_grants(call, question)

    @query(n.Me)
    def me(self, call: Call, question: n.Me) -> n.MeView:
        return queries.me(call, question)

    @query(n.Clock)
    def clock(self, call: Call, question: n.Clock) -> n.ClockView:
        return queries.tell_time(call, question)

    @query(n.PublicGrant)
    def public_grant(self, call: Call, question: n.PublicGrant) -> n.PublicGrantView:
        return sessions.public_grant(call, question)

    @command(n.SignIn, once=False)
    def sign_in(self, call: Call, command: n.SignIn) -> n.SessionView | Refusal:
        return signing_in.sign_in(call, command)

    @command(n.RefreshSession, once=False)
    def refresh_session(self, call: Call, command: n.RefreshSession) -> n.SessionView | Refusal:
        return sessions.refresh_session(call, command)

    @command(n.SignOut, once=False)
    def sign_out(self, call: Call, command: n.SignOut) -> None:
        sessions.sign_out(call, command)

    @command(a.ChangePassword, once=False)
    def change_password(self, call: Call, command: a.ChangePassword) -> a.AccountView | Refusal:
        return accounts.change_password(call, command)

    @command(a.OpenAccount, once=False)
    def open_account(self, call: Call, command: a.OpenAccount) -> a.AccountView:
        return accounts.open_account(call, command)

    @command(CreateAgency)
    def create_agency(self, call: Call, command: CreateAgency) -> AgencyView:
        return agencies.create_agency(call, command)

    @command(r.Reorganise)
    def reorganise(self, call: Call, command: r.Reorganise) -> r.ReorganisationView:
        return reorganising.reorganise(call, command)

    @command(r.CancelReorganisation)
    def cancel_reorganisation(self, call: Call, command: r.CancelReorganisation) -> r.ReorganisationView:
        return reorganising.cancel_reorganisation(call, command)

    @command(c.RegisterPerson)
    def register_person(self, call: Call, command: c.RegisterPerson) -> c.PersonView:
        return people.register_person(call, command)

    @command(c.AppointPosition)
    def appoint_position(self, call: Call, command: c.AppointPosition) -> c.PositionView:
        return people.appoint_position(call, command)

    @command(c.EndPosition)
    def end_position(self, call: Call, command: c.EndPosition) -> c.PositionView:
        return people.end_position(call, command)

    @command(g.GrantRole)
    def grant_role(self, call: Call, command: g.GrantRole) -> g.GrantView:
        return granting.grant_role(call, command)

    @command(g.RevokeGrant)
    def revoke_grant(self, call: Call, command: g.RevokeGrant) -> g.GrantView:
        return granting.revoke_grant(call, command)

    @command(c.AmendPerson)
    def amend_person(self, call: Call, command: c.AmendPerson) -> c.PersonView:
        return staffing.amend_person(call, command)

    @command(c.RecordIdentityNumber, once=False)
    def record_identity_number(self, call: Call, command: c.RecordIdentityNumber) -> c.PersonView:
        return staffing.record_identity_number(call, command)

    @command(c.ReleasePerson)
    def release_person(self, call: Call, command: c.ReleasePerson) -> c.PersonView:
        return staffing.release_person(call, command)

    @command(c.WithdrawRelease)
    def withdraw_release(self, call: Call, command: c.WithdrawRelease) -> c.PersonView:
        return staffing.withdraw_release(call, command)

    @command(c.MovePerson)
    def move_person(self, call: Call, command: c.MovePerson) -> c.PersonView:
        return staffing.move_person(call, command)

    @command(d.Delegate)
    def delegate(self, call: Call, command: d.Delegate) -> d.DelegationView:
        return delegating.delegate(call, command)

    @command(d.EndDelegation)
    def end_delegation(self, call: Call, command: d.EndDelegation) -> d.DelegationView:
        return delegating.end_delegation(call, command)

    @command(i.BeginPeopleImport)
    def begin_people_import(self, call: Call, command: i.BeginPeopleImport) -> i.PeopleImportView:
        return importing.begin_people_import(call, command)

    @command(i.AddImportedRows, once=False)
    def add_imported_rows(self, call: Call, command: i.AddImportedRows) -> i.PeopleImportView:
        return importing.add_imported_rows(call, command)

    @command(i.CheckPeopleImport)
    def check_people_import(self, call: Call, command: i.CheckPeopleImport) -> i.PeopleImportView:
        return importing.check_people_import(call, command)

    @command(i.ApplyPeopleImport)
    def apply_people_import(self, call: Call, command: i.ApplyPeopleImport) -> i.PeopleImportView:
        return importing.apply_people_import(call, command)

    @query(a.MySessions)
    def my_sessions(self, call: Call, question: a.MySessions) -> list[a.OpenSessionView]:
        return access.my_sessions(call, question)

    @query(a.SessionsOf)
    def sessions_of(self, call: Call, question: a.SessionsOf) -> list[a.OpenSessionView]:
        return access.sessions_of(call, question)

    @query(a.AccountOf)
    def account_of(self, call: Call, question: a.AccountOf) -> a.AccountStateView:
        return access.account_of(call, question)

    @command(a.RevokeSession)
    def revoke_session(self, call: Call, command: a.RevokeSession) -> a.SessionsRevoked:
        return access.revoke_session(call, command)

    @command(a.RevokeOtherSessions)
    def revoke_other_sessions(self, call: Call, command: a.RevokeOtherSessions) -> a.SessionsRevoked:
        return access.revoke_other_sessions(call, command)

    @command(a.RevokeSessionsOf)
    def revoke_sessions_of(self, call: Call, command: a.RevokeSessionsOf) -> a.SessionsRevoked:
        return access.revoke_sessions_of(call, command)

    @command(a.DisableAccount)
    def disable_account(self, call: Call, command: a.DisableAccount) -> a.AccountStateView:
        return access.disable_account(call, command)

    @command(a.EnableAccount)
    def enable_account(self, call: Call, command: a.EnableAccount) -> a.AccountStateView:
        return access.enable_account(call, command)

    @command(a.UnlockAccount)
    def unlock_account(self, call: Call, command: a.UnlockAccount) -> a.AccountStateView:
        return access.unlock_account(call, command)

    @query(k.ClientsByIds)
    def clients_by_ids(self, call: Call, question: k.ClientsByIds) -> list[k.ClientView]:
        return clients.clients_by_ids(call, question)

    @query(k.ListClients)
    def list_clients(self, call: Call, question: k.ListClients) -> k.ClientPage:
        return clients.list_clients(call, question)

    @command(k.RegisterClient, once=False)
    def register_client(self, call: Call, command: k.RegisterClient) -> k.ClientWithSecret:
        return clients.register_client(call, command)

    @command(k.ApproveClient)
    def approve_client(self, call: Call, command: k.ApproveClient) -> k.ClientView:
        return clients.approve_client(call, command)

    @command(k.RotateClientSecret, once=False)
    def rotate_client_secret(self, call: Call, command: k.RotateClientSecret) -> k.ClientWithSecret:
        return clients.rotate_client_secret(call, command)

    @command(k.RevokeClient)
    def revoke_client(self, call: Call, command: k.RevokeClient) -> k.ClientView:
        return clients.revoke_client(call, command)

    @command(k.ClientSession, once=False)
    def client_session(self, call: Call, command: k.ClientSession) -> k.ClientSessionView | Refusal:
        return clients.client_session(call, command)

    @command(k.LeaseCalls, once=False)
    def lease_calls(self, call: Call, command: k.LeaseCalls) -> k.CallsLeased:
        return clients.lease_calls(call, command)
