"""Which columns say something of a person, whose they are, and what becomes of them.

The table drives the copy that people may ask for, their erasure, the forgetting with time and the
privacy page. A column of text that stands neither here nor under ``IMPERSONAL`` fails the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l


class Fate(StrEnum):
    """What becomes of a row when its person is erased."""

    DELETE = "delete"  # the row goes
    EMPTY = "empty"  # its personal columns are emptied, the rest still counts
    KEEP = "keep"  # it points to a person without a name from then on


class Topic(StrEnum):
    """What the privacy page calls a group of columns."""

    ACCOUNT = "account"
    SIGNING_IN = "signing_in"
    WORK = "work"
    ASKING = "asking"
    ANSWERING = "answering"
    VISITS = "visits"
    MAIL = "mail"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class Holding:
    """One table's columns of one owner. ``owner`` is the column that names the person."""

    table: str
    owner: str
    topic: Topic
    fate: Fate
    columns: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()  # copied out with the rest, and not emptied
    secrets: tuple[str, ...] = ()  # never copied out: hashes, sealed keys


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "person",
        "id",
        Topic.ACCOUNT,
        Fate.EMPTY,
        ("email", "name", "phone"),
        ("language",),
        ("password_hash", "calendar_token_hash"),
    ),
    Holding("role_grant", "person_id", Topic.ACCOUNT, Fate.DELETE, stays=("role",)),
    Holding(
        "sign_in_session",
        "person_id",
        Topic.SIGNING_IN,
        Fate.DELETE,
        ("browser",),
        (),
        ("key_hash",),
    ),
    Holding(
        "second_factor", "person_id", Topic.SIGNING_IN, Fate.DELETE, (), (), ("sealed", "recovery")
    ),
    Holding("foreign_identity", "person_id", Topic.SIGNING_IN, Fate.DELETE, ("issuer", "subject")),
    Holding(
        "mail_link",
        "person_id",
        Topic.SIGNING_IN,
        Fate.DELETE,
        ("email", "details"),
        (),
        ("token_hash",),
    ),
    Holding("personal_link", "person_id", Topic.MAIL, Fate.DELETE, ("holder",), (), ("nonce",)),
    Holding(
        "professional",
        "person_id",
        Topic.WORK,
        Fate.EMPTY,
        ("name", "email", "about", "postcode"),
        ("profession", "languages", "conduct_on"),
    ),
    Holding(
        "need",
        "teacher_id",
        Topic.ASKING,
        Fate.EMPTY,
        ("goal", "hook", "remarks", "end_note"),
        ("title", "subject", "levels", "group_size", "state"),
    ),
    Holding("pair_rule", "by_id", Topic.ASKING, Fate.EMPTY, ("reason",)),
    Holding("question", "asked_by_id", Topic.ASKING, Fate.KEEP),
    Holding(
        "proposal_move",
        "by_id",
        Topic.ANSWERING,
        Fate.EMPTY,
        ("note",),
        ("name", "side", "reasons"),
    ),
    Holding("report", "by_id", Topic.VISITS, Fate.EMPTY, ("note",), ("held", "reasons")),
    Holding("feedback", "by_id", Topic.VISITS, Fate.EMPTY, ("words",), ("marks", "again")),
    Holding("message", "by_id", Topic.VISITS, Fate.EMPTY, ("words",)),
    Holding("message", "reported_by_id", Topic.VISITS, Fate.EMPTY, ("report_note",)),
    Holding("hand_in", "by_id", Topic.VISITS, Fate.EMPTY, ("words",)),
    Holding("hand_in", "judged_by_id", Topic.VISITS, Fate.KEEP, stays=("verdict",)),
    Holding("registration", "person_id", Topic.VISITS, Fate.DELETE),
    Holding(
        "outbox_mail",
        "person_id",
        Topic.MAIL,
        Fate.EMPTY,
        ("to_address", "subject", "body"),
    ),
    Holding("synonym", "by_id", Topic.JOURNAL, Fate.KEEP, stays=("label",)),
    Holding("journal_entry", "by_id", Topic.JOURNAL, Fate.KEEP, stays=("deed", "record_type")),
    Holding("journal_entry", "for_id", Topic.JOURNAL, Fate.KEEP),
    Holding("match_run", "started_by_id", Topic.JOURNAL, Fate.KEEP),
    Holding("import_upload", "by_id", Topic.JOURNAL, Fate.KEEP, stays=("filename",)),
    Holding("text_report", "by_id", Topic.JOURNAL, Fate.EMPTY, ("note",), ("reason",)),
    Holding("text_report", "decided_by_id", Topic.JOURNAL, Fate.EMPTY, ("decision",)),
    Holding("co_financing", "signed_by_id", Topic.JOURNAL, Fate.KEEP),
    Holding("learnt_weights", "used_by_id", Topic.JOURNAL, Fate.KEEP),
    Holding("learnt_weights", "undone_by_id", Topic.JOURNAL, Fate.KEEP),
    Holding("merge", "by_id", Topic.JOURNAL, Fate.KEEP),
    Holding("resource", "added_by_id", Topic.JOURNAL, Fate.KEEP),
    Holding("release", "by_id", Topic.JOURNAL, Fate.KEEP),
    Holding("release", "undone_by_id", Topic.JOURNAL, Fate.KEEP),
)

# Text that says nothing of one person: what it is, by table.
IMPERSONAL: dict[str, tuple[str, ...]] = {
    "alternate": ("reasons", "weak_point"),
    # A secret address, locked away; it goes with the professional's person: see erasure.
    "busy_calendar": ("sealed", "host", "problem"),
    "claimed_quarter": (),
    "co_financing": ("school_year", "lines"),
    "company": (
        "establishment",
        "name",
        "register_code",
        "about",
        "sector",
        "street",
        "postcode",
        "town",
        "website",
    ),
    "event": ("title", "description", "venue", "join_url", "programme"),
    "guide_result": ("key", "answers"),
    "heartbeat": ("name", "process"),
    "import_upload": ("report", "digest"),
    "hand_in": ("links",),
    "job_run": ("job", "did", "error"),
    "journal_entry": ("changes",),
    "learnt_weights": ("by_hand", "before", "weights"),
    "lesson_period": ("name", "starts", "ends"),
    "load": ("holder", "period"),
    "match_run": (
        "changes",
        "stage",
        "settings",
        "fingerprint",
        "result_digest",
        "statistics",
        "error",
    ),
    # What a joined account was is forgotten with its person, and with time: see erasure.
    "merge": ("kept_label", "gone_label", "gone_key", "steps"),
    "need": (
        "reference",
        "language",
        "subject",
        "levels",
        "other_levels",
        "years",
        "support",
        "kinds",
        "languages",
        "class_profile",
        "rhythm",
        "end_reasons",
    ),
    "offer": (
        "reference",
        "title",
        "description",
        "language",
        "languages",
        "subjects",
        "levels",
        "angles",
        "needs_in_room",
        "postcode",
        "town",
        "film_url",
        "lesson_sheet",
        "brief",
        "deliverables",
        "jury",
        "stops",
        "data_links",
        "join_url",
        "extra",
        "search",
    ),
    "outbox_mail": ("dedupe_key", "message", "language", "message_id", "error"),
    "pair_rule": ("details",),
    "partnership": ("plan", "ended_note"),
    "planned_activity": ("kind", "title", "month"),
    "programme": ("code", "name", "time_zone"),
    "proposal": ("reasons", "weak_point"),
    "question": ("details", "answer", "error"),
    "release": ("proposals",),
    "region": ("run_days", "code", "name", "settings"),
    "resource": (
        "code",
        "search",
        "title",
        "kind",
        "language",
        "themes",
        "levels",
        "about",
        "url",
        "licence",
        "source",
    ),
    "school": (
        "arrival",
        "register_code",
        "name",
        "kind",
        "street",
        "postcode",
        "town",
        "municipality",
        "province",
        "holiday_region",
        "website",
        "search",
    ),
    "sign_in_attempt": ("subject",),  # a sum of the address, gone within a day
    "slot": ("recording_url",),
    "slot_series": ("rule", "starts", "ends"),
    "synonym": ("concept", "language"),
    "unmatched_need": ("blockers", "changes", "instead"),
    "visit": (
        "calendar_uid",
        "room",
        "arrival",
        "video_url",
        "material",
        "pupils_questions",
        "checklist",
        "reminded",
    ),
}

TOPICS = {
    Topic.ACCOUNT: _l("Your name, mail address, phone, language and roles"),
    Topic.SIGNING_IN: _l("How you sign in, and in which browsers"),
    Topic.WORK: _l("What a professional tells of their work, and when they can"),
    Topic.ASKING: _l("Requests, and what you wrote in them"),
    Topic.ANSWERING: _l("Your answers to proposals"),
    Topic.VISITS: _l("Messages, reports and feedback about visits"),
    Topic.MAIL: _l("Mails to you, and the links in them"),
    Topic.JOURNAL: _l("The journal: who did what, and when"),
}

READERS = {
    Topic.ACCOUNT: _l(
        "You and administrators. The other side of a visit sees name, mail address and phone from"
        " confirmation on, until 30 days after the visit."
    ),
    Topic.SIGNING_IN: _l("Only you."),
    Topic.WORK: _l(
        "You, your company's contacts and the coordinator. Schools see your profession; your name"
        " only after a yes."
    ),
    Topic.ASKING: _l("You and your coordinator. Companies see the request, and not whose it is."),
    Topic.ANSWERING: _l("The two sides and the coordinator."),
    Topic.VISITS: _l("The two sides of that visit."),
    Topic.MAIL: _l("Only you; a coordinator sees that a mail went out."),
    Topic.JOURNAL: _l("Coordinators of the region and administrators."),
}
