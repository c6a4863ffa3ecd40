"""A grade whose feedback is not issued moves nothing that the case's line, or who reads figures alone, can read.

All that they can ask for is read twice: before there is an audit, and when its grade is settled. It has to be the same
to the byte: every page, list, count, figure, file and notice.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import FindingKind, Grade
from audits.models import Audit, Finding, Theme
from audits.services.feedback import issue_feedback
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.tallies import rebuild
from cases.models import Case
from reports.choices import Dataset
from reports.selectors.feed import TABLES
from reports.selectors.standard.catalogue import REPORTS
from tests.access.asking import patterns_once, undone
from tests.audits.drafts import confirmed, submitted
from tests.audits.pages import browser
from tests.factories.accounts import person_as
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

PRODUCT = (
    "actions:", "assurance_clinics:", "audits:", "cases:", "jobs:", "learning:", "notifications:", "reports:",
    "worklist:",
)  # fmt: skip
# What differs between two answers that say the same: the token of a form, and the minute.
PASSING = re.compile(r'csrfmiddlewaretoken" value="[^"]+|\d{1,2}:\d\d(:\d\d)?')


@pytest.fixture
def theme(db: None) -> Theme:
    return Theme.objects.create(name="Drift", parent=Theme.objects.create(name="Planning"))


@pytest.fixture
def published(team: OrgUnit, theme: Theme) -> None:
    """Enough issued audits of the team that its figures are printed."""
    for grade in (Grade.GOOD, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.GOOD, Grade.OUTSTANDING, Grade.GOOD):
        audit = graded_audit(grade, case=CaseFactory(team=team, service=team.parent), month=this_month())
        _develop(audit, theme)
    rebuild()


def this_month() -> date:
    return timezone.localdate().replace(day=1)


def _develop(audit: Audit, theme: Theme) -> None:
    row = audit.sections.all()[0]
    Finding.objects.create(audit=audit, audit_section=row, kind=FindingKind.DEVELOPMENT, text="Drift").themes.add(theme)


def settle(case: Case, theme: Theme, *, qa_lead: User, auditor: User, moderator: User, head: User) -> Audit:
    """An inadequate audit, agreed with and confirmed; its feedback waits to be issued."""
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE)
    _develop(audit, theme)
    moderation = open_moderation(moderation=audit.moderations.get(), by=moderator)
    decide_moderation(moderation=moderation, by=moderator, outcome="agreed", version=moderation.version)
    return confirmed(audit, head)


def addresses(case: Case, theme: Theme) -> list[str]:
    """Every page that is about nothing in particular, and those about the case, the theme and the line's reports."""
    plain = [name for name, parts in patterns_once().items() if name.startswith(PRODUCT) and () in parts]
    found = [reverse(name) for name in plain]
    found += [reverse("reports:feed_csv", args=[table]) for table in TABLES]
    found += [reverse("reports:standard", args=[report.key]) for report in REPORTS if report.readers != "heads"]
    found.append(reverse("reports:standard_file", args=["monthly", "xlsx"]))
    audits, breakdown = reverse("audits:list"), reverse("reports:breakdown")
    found += [f"{audits}?{query}" for query in ("grade=inadequate", "stage=provisional", "stage=final&counted=1")]
    found += [f"{breakdown}?by={cut}" for cut in ("team", "section")]
    return [*found, reverse("cases:detail", args=[case.pk]), reverse("audits:theme", args=[theme.pk])]


def everything(reader: User, case: Case, theme: Theme) -> dict[str, str]:
    """What this person is answered, by what they ask for; whatever the asking changes is undone."""
    client, read = browser(reader), {}
    with undone():
        for path in addresses(case, theme):
            read[path] = _told(client.get(path))
        for dataset in Dataset.values:
            asked = {"dataset": dataset, "form": "csv", "reason": "To prepare the meeting", "edition": "internal"}
            asked |= {"month_from": f"{this_month():%Y-%m}", "month_to": f"{this_month():%Y-%m}"}
            read[f"rows of {dataset}"] = _told(client.post(reverse("reports:rows"), asked))
        for text in ("A-2026-0007", case.reference, "Drift", "Example-Auditor"):
            read[f"search for {text}"] = _told(client.post(reverse("worklist:search"), {"text": text}))
    return read


def _told(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b" ".join(parts.read(name) for name in sorted(parts.namelist()) if "docProps" not in name)
    return PASSING.sub("", f"{response.status_code} {response.get('Location', '')} {body.decode()}")


@pytest.fixture
def readers(practitioner: User, team_manager: User, read_only: User, other_service: OrgUnit) -> tuple[User, ...]:
    """The case's line, who reads figures alone, and the head of another service."""
    return practitioner, team_manager, read_only, person_as(Role.HEAD_OF_SERVICE, other_service)


def test_before_the_feedback_is_issued_nothing_that_they_read_has_changed(
    readers: tuple[User, ...], case: Case, theme: Theme, published: None, qa_lead: User, auditor: User,
    moderator: User, head_of_service: User,
) -> None:  # fmt: skip
    before = [everything(reader, case, theme) for reader in readers]
    assert [sum(told.startswith("200") for told in read.values()) > 15 for read in before] == [True] * 4
    audit = settle(case, theme, qa_lead=qa_lead, auditor=auditor, moderator=moderator, head=head_of_service)
    for reader, was in zip(readers, before, strict=True):
        after = everything(reader, case, theme)
        assert [path for path, told in after.items() if told != was[path]] == [], reader.name
    issue_feedback(audit=audit, by=SYSTEM)
    figures = reverse("reports:monthly")
    assert _told(browser(readers[1]).get(figures)) != before[1][figures], "it counts once it is issued"
    assert audit.reference in _told(browser(readers[0]).get(reverse("audits:list")))
