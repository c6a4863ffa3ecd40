"""The invented council's cases: references, plans, teams and holders."""

from __future__ import annotations

import random
from datetime import date, timedelta

from cases.choices import AgeBand, PlanType, SubjectKind
from cases.models import Case, Holding, NamedPerson
from cases.models import reference_key as key_of
from worklist.services.demo_people import Council

_PLANS: dict[str, tuple[str, ...]] = {
    "Family Help": (PlanType.EARLY_HELP, PlanType.EARLY_HELP, PlanType.ASSESSMENT),
    "Family Safeguarding": (PlanType.CIN, PlanType.CIN, PlanType.CP, PlanType.ASSESSMENT),
    "Children with Disabilities (Jigsaw)": (PlanType.CIN, PlanType.CIN, PlanType.CLA),
    "Pathways Through Care": (PlanType.CLA, PlanType.CLA, PlanType.CARE_LEAVER),
    "Young People's Service": (PlanType.CIN, PlanType.CARE_LEAVER),
    "Fostering": ("",),
}
_AGES = (AgeBand.UNDER_1, AgeBand.AGE_1_4, AgeBand.AGE_5_9, AgeBand.AGE_10_15, AgeBand.AGE_10_15, AgeBand.AGE_16_17)
_ETHNICITIES = ("WBRI", "WBRI", "WBRI", "WOTH", "MWBC", "APKN", "BAFR", "OOTH")
CASES_A_WORKER = 11


def make_cases(*, rng: random.Random, council: Council, today: date) -> list[Case]:
    """Open cases for every worker, a fifth of them with an earlier holder; one restricted case."""
    cases: list[Case] = []
    holdings: list[Holding] = []
    number = 410_000
    for team in council.teams:
        service = next(unit for unit in council.services if unit.pk == team.parent_id)
        workers = council.workers[team.pk]
        for worker in workers:
            for _ in range(CASES_A_WORKER):
                number += rng.randint(1, 9)
                opened = today - timedelta(days=rng.randint(40, 1100))
                plan = rng.choice(_PLANS[service.name])
                case = Case(
                    reference=f"EX{number}",
                    reference_key=key_of(f"EX{number}"),
                    subject_kind=SubjectKind.CARER if service.name == "Fostering" else SubjectKind.CHILD,
                    plan_type=plan,
                    is_cwd=service.name.startswith("Children with Disabilities"),
                    service=service,
                    team=team,
                    opened_on=opened,
                    age_band=_age(rng, service.name, plan),
                    ethnicity=rng.choice(_ETHNICITIES),
                    disability="yes" if "Disabilities" in service.name else "no",
                    source="demo",
                )
                cases.append(case)
                since = opened
                if rng.random() < 0.2:
                    until = opened + (today - opened) // 2
                    earlier = rng.choice([other for other in workers if other != worker])
                    holdings.append(
                        Holding(
                            case=case, worker=earlier, service=service, team=team, plan_type=plan,
                            held_from=opened, held_to=until,
                        )
                    )  # fmt: skip
                    since = until
                holdings.append(
                    Holding(case=case, worker=worker, service=service, team=team, plan_type=plan, held_from=since)
                )
    Case.objects.bulk_create(cases, batch_size=500)
    Holding.objects.bulk_create(holdings, batch_size=500)
    hidden = next(case for case in cases if case.team is not None and case.team.name == "Badger Team")
    Case.objects.filter(pk=hidden.pk).update(restricted=True)
    hidden.restricted = True
    NamedPerson.objects.create(case=hidden, user=council.people["qa.lead"])
    return cases


def _age(rng: random.Random, service: str, plan: str) -> str:
    if service == "Fostering":
        return ""
    if plan == PlanType.CARE_LEAVER:
        return AgeBand.AGE_18_PLUS
    return rng.choice(_AGES)
