"""Doors of a region's words: look a concept up, add a word to it, take one away."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.coordination import forms_words, synonyms, words
from matcher.coordination.regions import own_region
from matcher.errors import NotFound
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.organisation import Region
from matcher.models.synonym import Synonym
from matcher.reference.concepts import Concept
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.forms import clean_line
from matcher.web.guards import current_person, holds, load_or_404
from matcher.web.names import language
from matcher.web.paging import page_of

blueprint = Blueprint("words", __name__, url_prefix="/coordination")
Answer = str | Response | tuple[str, int]


def _concept(key: str) -> Concept:
    concept = words.by_key().get(key)
    if concept is None:
        raise NotFound(_("There is no such concept."))
    return concept


def _told(concept: Concept) -> str:
    return synonyms.name_of(concept.key, language())


@blueprint.get("/regions/<int:region_id>/words")
@holds(Role.COORDINATOR)
def list_words(region_id: int) -> str:
    region = own_region(region_id)
    asked = clean_line(request.args.get("q", ""))[:100]
    own = words.synonyms_of(region)
    found, many = words.find(asked, db.session.scalars(own) if asked else ())
    return render_template(
        "coordination/list_words.html",
        region=region,
        asked=asked,
        found=found,
        many=many,
        page=page_of(own),
        changes=words.changes_of(region),
        told=_told,
        named=lambda key: synonyms.name_of(key, language()),
    )


@blueprint.get("/regions/<int:region_id>/words/<concept>")
@holds(Role.COORDINATOR)
def show_concept(region_id: int, concept: str) -> str:
    return _page(own_region(region_id), _concept(concept), forms_words.synonym_form())


@blueprint.post("/regions/<int:region_id>/words/<concept>")
@holds(Role.COORDINATOR)
def create_synonym(region_id: int, concept: str) -> Answer:
    region, found = own_region(region_id), _concept(concept)
    form = forms_words.synonym_form()
    if form.validate_on_submit():
        with errors_in(form):
            synonyms.add(
                region,
                found.key,
                form.language.data,
                form.label.data or "",
                by=current_person(),
                sure=form.sure.data,
            )
            db.session.commit()
            says(_("Added. It counts from the next run on."))
            return redirect_to("words.show_concept", region_id=region.id, concept=found.key)
    return _page(region, found, form), 422


@blueprint.post("/synonyms/<int:synonym_id>/remove")
@holds(Role.COORDINATOR)
def remove_synonym(synonym_id: int) -> Answer:
    synonym = load_or_404(Synonym, synonym_id)
    region = own_region(synonym.region_id)
    concept = synonym.concept
    synonyms.remove(synonym, by=current_person())
    db.session.commit()
    says(_("Taken away. It counts from the next run on."))
    if concept in words.by_key():
        return redirect_to("words.show_concept", region_id=region.id, concept=concept)
    return redirect_to("words.list_words", region_id=region.id)


def _page(region: Region, concept: Concept, form: forms_words.SynonymForm) -> str:
    own = words.synonyms_of(region).where(Synonym.concept == concept.key)
    added = list(db.session.scalars(own.limit(100)))
    labels = [label for lg in concept.labels for label in concept.labels[lg]]
    typed = (form.label.data or "")[: forms_words.LONGEST]
    texts = words.Texts(region, [*labels, *(s.label for s in added), typed])
    return render_template(
        "coordination/show_concept.html",
        region=region,
        concept=concept,
        form=form,
        added=[(synonym, texts.named([synonym.label])) for synonym in added],
        named=texts.named([*labels, *(s.label for s in added)]),
        typed=texts.named([typed]) if typed else None,
        around=words.around(concept),
        told=_told,
    )
