"""Invented cases."""

from __future__ import annotations

from datetime import date

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from cases.choices import AgeBand, PlanType, SubjectKind
from cases.models import Case, Holding, Worker
from tests.factories.accounts import TeamFactory


class WorkerFactory(DjangoModelFactory[Worker]):
    class Meta:
        model = Worker

    name = factory.Sequence(lambda n: f"Example Worker {n}")


class CaseFactory(DjangoModelFactory[Case]):
    class Meta:
        model = Case

    reference = factory.Sequence(lambda n: f"EX{n:06d}")
    subject_kind = SubjectKind.CHILD
    plan_type = PlanType.CIN
    team = factory.SubFactory(TeamFactory)
    service = factory.LazyAttribute(lambda case: case.team.parent)
    opened_on = date(2024, 1, 8)
    age_band = AgeBand.AGE_5_9


def held_by(
    case: Case, user: User | None = None, *, since: date = date(2024, 1, 8), until: date | None = None
) -> Holding:
    """A holding of the case by a worker who is `user` (or nobody's user), in the case's present team and plan."""
    worker = WorkerFactory(user=user, name=f"{user.name} {user.pk}") if user else WorkerFactory()
    return Holding.objects.create(
        case=case, worker=worker, service=case.service, team=case.team, plan_type=case.plan_type,
        held_from=since, held_to=until,
    )  # fmt: skip
