"""Another database than the test's own: migrated, filled with audits that are ready, and counted afterwards.

`python -m tests.faults.preparing fill N` prints cookies and audits as JSON, `... count` what became of them. The
database is that of DATABASE_URL.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django


def fill(number: int) -> dict[str, Any]:
    """Migrate; people and audits. Returns the cookies of the auditor and the lead, and (audit, version) pairs."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from accounts.choices import Role
    from audits.services.drafting import start_audit
    from tests.audits.drafts import fill_in, new_audit
    from tests.factories.accounts import DirectorateFactory, ServiceFactory, TeamFactory, person_as
    from tests.factories.cases import CaseFactory, held_by
    from tests.faults import work
    from tests.faults.web import cookie_of

    directorate = DirectorateFactory()
    team = TeamFactory(parent=ServiceFactory(parent=directorate))
    lead, auditor = person_as(Role.QA_LEAD, directorate), person_as(Role.AUDITOR, directorate)
    work.make_tables()
    audits = []
    for _ in range(number):
        case = CaseFactory(team=team, service=team.parent)
        held_by(case)
        audit = fill_in(start_audit(audit=new_audit(case=case, by=lead, auditor=auditor), by=auditor), auditor)
        audits.append((str(audit.pk), audit.version))
    return {"auditor": cookie_of(auditor), "lead": cookie_of(lead), "audits": audits}


def count() -> dict[str, Any]:
    """The audits that are submitted, and how often each trace of a submit is there."""
    from audits.choices import AuditStatus
    from audits.models import Audit, Moderation
    from core.history.models import Event
    from core.history.services import TRAILS, check_trail

    submitted = Audit.objects.exclude(status=AuditStatus.IN_PROGRESS).values_list("pk", flat=True)
    return {
        "submitted": [str(pk) for pk in submitted],
        "moderations": Moderation.objects.count(),
        "events": Event.objects.filter(verb="submit").count(),
        "faults": sum(len(check_trail(trail).faults) for trail in TRAILS),
    }


def main() -> None:
    django.setup()
    print(json.dumps(fill(int(sys.argv[2])) if sys.argv[1] == "fill" else count()))


if __name__ == "__main__":
    main()
