"""The coordinator's doors: board, runs, review, settings."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from matcher.coordination import board, lines, moderation, queue, service
from matcher.coordination.regions import own_region
from matcher.coordination.telling import (
    LISTS,
    NEXT_STEPS,
    QUEUES,
    broken_words,
    stages_of,
)
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.figures import ledger, ledger_words
from matcher.models.account import Role
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun
from matcher.needs import advice
from matcher.proposals import broken, changes, messages, releases, schedule
from matcher.proposals import service as proposals
from matcher.proposals.explain import explained
from matcher.proposals.room import rooms_for
from matcher.web.answers import redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.paging import page_of

blueprint = Blueprint("coordination", __name__, url_prefix="/coordination")
Answer = str | Response | tuple[str, int]
blueprint.add_app_template_filter(advice.blocker_words, "blocker_words")
blueprint.add_app_template_filter(broken_words)
MOST_RELEASED = 500
GROUPS = ("new", "moved", "same")
ENDED = {
    "cancelled": {ProposalState.CANCELLED},
    "ended": {ProposalState.DECLINED, ProposalState.EXPIRED, ProposalState.WITHDRAWN},
    "held": {ProposalState.DELIVERED, ProposalState.NOT_HELD},
}


# ---- board --------------------------------------------------------------------------------------
@blueprint.get("")
@holds(Role.COORDINATOR)
def show_board() -> str:
    regions = board.regions_of(current_person())
    return render_template(
        "coordination/show_board.html",
        regions=regions,
        queues=queue.queues_of(regions),
        latest=board.latest_runs(regions),
        titles=QUEUES,
        reported=messages.counts_of([region.id for region in regions]),
        texts=moderation.waiting([region.id for region in regions]),
    )


@blueprint.get("/programme")
@holds(Role.ADMINISTRATOR)
def show_programme() -> str:
    """All regions, a line each."""
    regions = board.regions_of(current_person())
    queues = queue.queues_of(regions)
    return render_template(
        "coordination/show_programme.html",
        regions=regions,
        queues=queues,
        all=queue.together(list(queues.values())),
        columns=[(name, QUEUES[name]) for name in queue.TO_DO],
    )


@blueprint.get("/regions/<int:region_id>/unmatched")
@holds(Role.COORDINATOR)
def list_unmatched(region_id: int) -> str:
    region = own_region(region_id)
    which = request.args.get("which", "unmatched")
    allow(which in queue.NEEDS)
    page = page_of(board.unmatched_needs(region).where(queue.NEEDS[which]()))
    rows = board.latest_advice([need.id for need in page.items])
    told = {key: advice.in_words(row) for key, row in rows.items()}
    return render_template(
        "coordination/list_unmatched.html",
        region=region,
        page=page,
        advice=told,
        in_vain=board.in_vain_among([need.id for need in page.items]),
        which=which,
        titles=QUEUES,
        step=NEXT_STEPS.get(which, ""),
    )


@blueprint.get("/regions/<int:region_id>/proposals/<name>")
@holds(Role.COORDINATOR)
def list_proposals(region_id: int, name: str) -> str:
    region = own_region(region_id)
    allow(name in ENDED or name in queue.PROPOSALS or name == "broken")
    found = board.in_state(region, ENDED[name]) if name in ENDED else queue.listed(region, name)
    page = page_of(found)
    return render_template(
        "coordination/list_proposals.html",
        region=region,
        page=page,
        name=name,
        breaks=broken.broken_by([p.id for p in page.items]) if name == "broken" else {},
        titles=QUEUES | LISTS,
        step=NEXT_STEPS.get(name, ""),
    )


@blueprint.get("/regions/<int:region_id>/stale-offers")
@holds(Role.COORDINATOR)
def list_stale_offers(region_id: int) -> str:
    region = own_region(region_id)
    page = page_of(queue.stale_offers(region))
    return render_template("coordination/list_stale_offers.html", region=region, page=page)


# ---- runs ---------------------------------------------------------------------------------------
@blueprint.get("/runs")
@holds(Role.COORDINATOR)
def list_runs() -> str:
    regions = board.regions_of(current_person())
    page = page_of(board.runs_of([region.id for region in regions]))
    return render_template(
        "coordination/list_runs.html",
        page=page,
        regions=regions,
        asked={region.id: board.run_asked_for(region) for region in regions},
        running=board.runs_under_way(regions),
        next_runs={region.id: schedule.next_run(region) for region in regions},
    )


@blueprint.post("/regions/<int:region_id>/runs")
@holds(Role.COORDINATOR)
def start_run(region_id: int) -> Answer:
    region = own_region(region_id)
    service.ask_for_run(region, by=current_person())
    db.session.commit()
    says(_("The run starts within seconds; this page shows it by itself."))
    return redirect_to("coordination.list_runs")


@blueprint.get("/runs/<int:run_id>")
@holds(Role.COORDINATOR)
def show_run(run_id: int) -> str:
    run = load_or_404(MatchRun, run_id)
    region = own_region(run.region_id)
    waiting = db.session.scalars(
        board.suggested_in(region).where(Proposal.run_id == run.id).limit(MOST_RELEASED)
    )
    return render_template(
        "coordination/show_run.html",
        run=run,
        region=region,
        sums=ledger.sums_of(ledger.in_run(run), before=run.started_at),
        panels=ledger_words.panels_of_run(run),
        changed=lines.changed(run.changes),
        waiting={proposal.need_id for proposal in waiting},
        stages=stages_of(run),
    )


# ---- review -------------------------------------------------------------------------------------
@blueprint.get("/regions/<int:region_id>/review")
@holds(Role.COORDINATOR)
def review(region_id: int) -> str:
    region = own_region(region_id)
    page = page_of(board.suggested_in(region), size=10)
    needs = [proposal.need_id for proposal in page.items]
    alternates = board.alternates_for(page.items)
    return render_template(
        "coordination/review.html",
        region=region,
        page=page,
        why={p.id: explained(p.reasons, p.weak_point) for p in page.items},
        standing=board.standing_for(needs),
        alternates=alternates,
        why_alternate={
            a.id: explained(a.reasons, a.weak_point) for rows in alternates.values() for a in rows
        },
        rules=board.rules_of(needs),
        rooms=rooms_for(page.items),
        served=board.served_lately([p.need.school_id for p in page.items]),
    )


@blueprint.post("/regions/<int:region_id>/release")
@holds(Role.COORDINATOR)
def release(region_id: int) -> Answer:
    """One, the chosen ones, a group of a run's changes, or all that wait in the region."""
    region = own_region(region_id)
    waiting = board.suggested_in(region)
    if request.form.get("group") in GROUPS:
        run = load_or_404(MatchRun, _posted_key("run"))
        needs = changes.needs_in(run.changes, request.form["group"])
        waiting = waiting.where(Proposal.run_id == run.id, Proposal.need_id.in_(needs))
    elif "all" not in request.form:
        ids = [int(x) for x in request.form.getlist("proposal") if x.isdigit() and len(x) < 10]
        waiting = waiting.where(Proposal.id.in_(ids))
    chosen = list(db.session.scalars(waiting.limit(MOST_RELEASED)))
    made, refusals = releases.release_each(region, chosen, by=current_person())
    db.session.commit()
    released = len(made.proposals) if made else 0
    says(
        ngettext(
            "%(num)d proposal is released; both sides are asked.",
            "%(num)d proposals are released; both sides are asked.",
            released,
        )
        if released
        else _("Nothing was released. Choose at least one."),
        "success" if released else "warning",
    )
    for refusal in refusals[:5]:
        says(refusal, "warning")
    return redirect_to("coordination.review", region_id=region.id)


@blueprint.post("/proposals/<int:proposal_id>/drop")
@holds(Role.COORDINATOR)
def drop(proposal_id: int) -> Answer:
    proposal = load_or_404(Proposal, proposal_id)
    region = own_region(proposal.region_id)
    reason = request.form.get("reason", "").strip()[:500]
    proposals.decline(
        proposal,
        side=Side.COORDINATOR,
        by=current_person(),
        reasons=["other"],
        note=reason,
    )
    db.session.commit()
    says(_("Dropped. The next run looks again."))
    return redirect_to("coordination.review", region_id=region.id)


def _posted_key(name: str) -> int:
    """A row's number from a form; 0, which no row has, where it is none."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@blueprint.post("/rules")
@holds(Role.COORDINATOR)
def set_rule() -> Answer:
    """Pin a pair, forbid it, or take such a word back."""
    need = load_or_404(Need, _posted_key("need"))
    offer = load_or_404(Offer, _posted_key("offer"))
    region = own_region(need.region_id)
    reason = request.form.get("reason", "").strip()[:500]
    rule = request.form.get("rule", "")
    if rule not in {"pin", "forbid", "none"}:
        raise Invalid(_("Choose what to do with this pair."))
    if rule == "none":
        proposals.unrule(need, offer, by=current_person())
    else:
        verb = proposals.pin if rule == "pin" else proposals.forbid
        verb(need, offer, by=current_person(), reason=reason)
    db.session.commit()
    says(_("Written down. It counts from the next run on."))
    return redirect_to("coordination.review", region_id=region.id)
