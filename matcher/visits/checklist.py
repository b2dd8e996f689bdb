"""What is to be done before and after a visit: by whom, until when, and who has done it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.need import PlaceKind
from matcher.models.offer import OfferKind, TourForm
from matcher.models.visit import Visit

BOTH = frozenset({Side.SCHOOL, Side.COMPANY})
SCHOOL, COMPANY = frozenset({Side.SCHOOL}), frozenset({Side.COMPANY})


@dataclass(frozen=True, slots=True)
class Task:
    """One item of the list; ``days`` before the visit, or after it where it is negative."""

    code: str
    words: object
    owners: frozenset[Side]
    days: int


TALK = Task("talk", _l("Talk it through: the goal, the level, what the class knows"), BOTH, 21)
MATERIAL = Task(
    "material", _l("Say what is needed in the room, and send the material"), COMPANY, 14
)
QUESTIONS = Task("questions", _l("Collect the pupils' questions"), SCHOOL, 14)
ROOM = Task("arrival", _l("Room, and where to report, filled in"), SCHOOL, 7)
SCREEN = Task("arrival", _l("A room with screen and sound arranged"), SCHOOL, 7)
GATE = Task("arrival", _l("Where the class reports, filled in"), COMPANY, 7)
LINK = Task("link", _l("Video link tested together"), BOTH, 1)
THANKS = Task("thanks", _l("Say thank you, and tell what the class made of it"), SCHOOL, -7)
CODES = frozenset(
    task.code for task in (TALK, MATERIAL, QUESTIONS, ROOM, SCREEN, GATE, LINK, THANKS)
)


@dataclass(frozen=True, slots=True)
class Line:
    """A task as it stands for one visit.

    ``due`` is None where there is no day, or where the day had passed when the visit was agreed.
    """

    task: Task
    due: datetime | None
    is_late: bool
    done_at: datetime | None
    done_by: str

    @property
    def owner(self) -> str:
        """Whose it is, in a word the page has a sentence for."""
        return "both" if self.task.owners == BOTH else next(iter(self.task.owners)).value


def is_online(visit: Visit) -> bool:
    """Whether nobody travels."""
    offer, need = visit.proposal.offer, visit.proposal.need
    return (
        bool(visit.video_url)
        or offer.kind == OfferKind.WEBINAR
        or PlaceKind.ONLINE in {offer.place, need.place}
    )


def tasks_of(visit: Visit) -> list[Task]:
    """Those that make sense for this kind of visit, in the order of their days."""
    offer = visit.proposal.offer
    if offer.tour_form == TourForm.FILM:
        return []  # nobody meets
    if visit.proposal.starts_at is None:
        return [TALK, MATERIAL, THANKS]
    if is_online(visit):
        return [TALK, MATERIAL, QUESTIONS, SCREEN, LINK, THANKS]
    place = GATE if offer.kind == OfferKind.TOUR else ROOM
    return [TALK, MATERIAL, QUESTIONS, place, THANKS]


def checklist_of(visit: Visit) -> list[Line]:
    """The whole list; two queries at most, for the names of who ticked."""
    ticks = visit.checklist
    keys = {int(tick["by"]) for code, tick in ticks.items() if code in CODES}
    known = select(Person.id, Person.name).where(Person.id.in_(keys)).order_by(Person.id)
    names = {row.id: row.name for row in db.session.execute(known)} if keys else {}
    return [_line(visit, task, names) for task in tasks_of(visit)]


def _line(visit: Visit, task: Task, names: dict[int, str]) -> Line:
    start, tick = visit.proposal.starts_at, visit.checklist.get(task.code)
    due = start - timedelta(days=task.days) if start is not None else None
    if due is not None and due <= visit.created_at:
        due = None
    return Line(
        task=task,
        due=due,
        is_late=tick is None and due is not None and due < clock.now(),
        done_at=datetime.fromisoformat(tick["at"]) if tick else None,
        done_by=names.get(int(tick["by"]), "") if tick else "",
    )


def tick(visit: Visit, code: str, *, done: bool, by: Person) -> None:
    """Tick an item, or take the tick away; who asks for what is so already changes nothing."""
    if code not in {task.code for task in tasks_of(visit)}:
        raise Invalid(_l("There is no such item on the list."))
    if visit.proposal.state not in {ProposalState.CONFIRMED, ProposalState.DELIVERED}:
        raise WrongState(_l("This visit is over."))
    # Both sides may tick at once: the list is read again under a lock.
    db.session.flush()
    db.session.refresh(visit, with_for_update=True)
    ticked = dict(visit.checklist)
    if done and code not in ticked:
        ticked[code] = {"at": clock.now().isoformat(), "by": by.id}
    if not done:
        ticked.pop(code, None)
    visit.checklist = ticked
