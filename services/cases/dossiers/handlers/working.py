"""The way of a dossier: handed over, taken over, sent back, paused, resumed, finished, stopped."""

from contracts.cases import dossiers as c
from kernel.base.errors import Invalid
from kernel.work.call import Call
from kernel.work.operations import command
from services.cases import rules
from services.cases.dossiers.opening import Opened


@command(c.HandOver)
def hand_over(call: Call, command: c.HandOver) -> c.DossierView:
    """End the current step and put the next before its agency."""
    opened = Opened(call, command.dossier_id, command.expected_version)
    opened.dossier.hand_over(command.step, opened.counting, opened.by)
    call.because(command.note)
    return opened.shown()


@command(c.AcknowledgeHandOver)
def acknowledge_hand_over(call: Call, command: c.AcknowledgeHandOver) -> c.DossierView:
    """Take over what was handed over to one's agency."""
    opened = Opened(call, command.dossier_id, command.expected_version)
    opened.dossier.acknowledge(command.step, opened.by)
    return opened.shown()


@command(c.ReturnStep)
def return_step(call: Call, command: c.ReturnStep) -> c.DossierView:
    """Send it back to the step the procedure names."""
    opened = Opened(call, command.dossier_id, command.expected_version)
    opened.dossier.send_back(command.step, opened.counting, opened.by)
    call.because(command.reason)
    return opened.shown()


@command(c.PauseDossier)
def pause_dossier(call: Call, command: c.PauseDossier) -> c.DossierView:
    """Hold the clocks for a reason of the list that is in force today."""
    opened = Opened(call, command.dossier_id, command.expected_version)
    if command.reason not in rules.pause_reasons(call.today()):
        raise Invalid("pause_reason_unknown", "reason", reason=command.reason)
    opened.dossier.pause(command.reason, command.note, opened.counting, opened.by)
    call.because(command.note or command.reason)
    return opened.shown()


@command(c.ResumeDossier)
def resume_dossier(call: Call, command: c.ResumeDossier) -> c.DossierView:
    """Let the clocks run again."""
    opened = Opened(call, command.dossier_id, command.expected_version)
    opened.dossier.resume(command.note, opened.counting, opened.by)
    call.because(command.note)
    return opened.shown()


@command(c.FinishDossier)
def finish_dossier(call: Call, command: c.FinishDossier) -> c.DossierView:
    """The result is there."""
    opened = Opened(call, command.dossier_id, command.expected_version)
    opened.dossier.finish(opened.by)
    call.because(command.note)
    return opened.shown()


@command(c.StopDossier)
def stop_dossier(call: Call, command: c.StopDossier) -> c.DossierView:
    """End it without a result, at the counter where it was received."""
    opened = Opened(call, command.dossier_id, command.expected_version)
    opened.dossier.stop(opened.by)
    call.because(command.reason)
    return opened.shown()
