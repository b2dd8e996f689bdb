"""Doors of a challenge's end, on the visit's page: the class hands in, the jury answers."""

from __future__ import annotations

from flask import Blueprint

from matcher.visits import forms, handing_in
from matcher.visits.routes import BOTH_SIDES, Answer, done_with, seen
from matcher.web.guards import current_person, holds

blueprint = Blueprint("challenges", __name__, url_prefix="/visits")


@blueprint.post("/<int:proposal_id>/hand-in")
@holds(*BOTH_SIDES)
def hand_in(proposal_id: int) -> Answer:
    visit, form, by = seen(proposal_id), forms.ResultsForm(), current_person()

    def deed() -> None:
        handing_in.hand_in(visit, form.words.data or "", form.links.data or "", by=by)

    return done_with(visit, form, "results", deed)


@blueprint.post("/<int:proposal_id>/judge")
@holds(*BOTH_SIDES)
def judge(proposal_id: int) -> Answer:
    visit, form, by = seen(proposal_id), forms.VerdictForm(), current_person()
    return done_with(
        visit,
        form,
        "verdict",
        lambda: handing_in.judge(visit, form.verdict.data or "", by=by),
    )
