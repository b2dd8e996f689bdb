"""By what figures are told apart: region, province, level, subject, kind of visit."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import School

APART = "apart"  # the label a statement groups by: repeated expressions differ to PostgreSQL


class Dimension(StrEnum):
    REGION = "region"
    PROVINCE = "province"
    LEVEL = "level"
    SUBJECT = "subject"
    KIND = "kind"


def column_of(dimension: Dimension) -> Any:
    """Its column of a need joined with its school and, for the kind, an offer.

    A class with several levels counts once, at the first, so that the parts add up.
    """
    columns = {
        Dimension.REGION: Need.region_id,
        Dimension.PROVINCE: School.province,
        Dimension.LEVEL: Need.levels[0].as_string(),
        Dimension.SUBJECT: Need.subject,
        Dimension.KIND: Offer.kind,
    }
    return columns[dimension]
