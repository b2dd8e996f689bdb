"""Verbs on a region's own words: add one to a concept, take one away."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import policies
from matcher.coordination import words
from matcher.errors import Invalid, NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.offer import folded
from matcher.models.organisation import Region
from matcher.models.synonym import Synonym
from matcher.proposals.inputs import says_nothing
from matcher.reference.concepts import LANGUAGES

LONGEST = 80  # letters
MOST_WORDS = 5


def add(
    region: Region, concept: str, language: str, label: str, *, by: Person, sure: bool = False
) -> Synonym:
    """A label more, from the next run on; ``sure``: also where other concepts have it."""
    _check_coordinator(region, by)
    if concept not in words.by_key():
        raise NotFound(_l("There is no such concept."))
    if language not in LANGUAGES:
        raise Invalid(_l("Choose Dutch or English."), field="language")
    label = " ".join(label.split())
    _check_label(label)
    having = words.owners(label, language) | _own_owners(region, label, language)
    if concept in having:
        raise Invalid(_l("The matcher knows this word for this concept already."), field="label")
    if having and not sure:
        raise Invalid(
            _l(
                "This word is known for something else too: %(others)s. The rest of a text then "
                "says which is meant.",
                others=", ".join(name_of(key, language) for key in sorted(having)),
            ),
            field="sure",
        )
    made = Synonym(
        region_id=region.id, concept=concept, language=language, label=label, by_id=by.id
    )
    db.session.add(made)
    db.session.flush()
    write_journal("add_synonym", region, by=by, changes={"synonym": [None, _record(made)]})
    return made


def remove(synonym: Synonym, *, by: Person) -> None:
    """As if it had never been there, from the next run on; the journal keeps it."""
    _check_coordinator(synonym.region, by)
    changes = {"synonym": [_record(synonym), None]}
    write_journal("remove_synonym", synonym.region, by=by, changes=changes)
    db.session.delete(synonym)
    db.session.flush()


def name_of(concept: str, language: str) -> str:
    """How a concept is called; its key where the thesaurus has it no more."""
    known = words.by_key().get(concept)
    return known.labels[language][0] if known else concept


def _check_coordinator(region: Region, by: Person) -> None:
    if not policies.may_coordinate(by, region):
        raise NotAllowed(_l("Only a coordinator of this region can do this."))


def _check_label(label: str) -> None:
    if not label:
        raise Invalid(_l("Fill this in."), field="label")
    if len(label) > LONGEST:
        raise Invalid(_l("Use at most %(max)d characters.", max=LONGEST), field="label")
    if len(label.split()) > MOST_WORDS:
        raise Invalid(_l("Use at most %(max)d words.", max=MOST_WORDS), field="label")
    letters = [sign for sign in label if sign.isalpha()]
    if len(letters) < 2 or says_nothing(label):
        raise Invalid(_l("This says too little: it stands in nearly every text."), field="label")


def _own_owners(region: Region, label: str, language: str) -> set[str]:
    own = select(Synonym).where(Synonym.region_id == region.id, Synonym.language == language)
    wanted = folded(label)
    return {s.concept for s in db.session.scalars(own) if folded(s.label) == wanted}


def _record(synonym: Synonym) -> dict[str, str]:
    return {
        "concept": synonym.concept,
        "language": synonym.language,
        "label": synonym.label,
    }
