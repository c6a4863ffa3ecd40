"""One small council in which everything exists twice, near and far, with a canary in every text.

A canary is a word that stands in one field of one row. Each is registered with the thing that it belongs to and a
facet (its reference, its notes, ...), so that whoever meets it in a response can be asked whether they may read it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import KeptForm, User
from audits.choices import (
    GRADE_FINAL,
    GRADE_GIVEN,
    AlertStatus,
    AuditPurpose,
    AuditStatus,
    ClockKind,
    ConversationOutcome,
    ConversationWith,
    DisputeOrigin,
    DisputeStatus,
    FindingKind,
    Grade,
    ModerationOutcome,
    ModerationStatus,
    QuestionKind,
    ResponseStatus,
    SectionState,
    View,
)
from audits.models import (
    Answer,
    Audit,
    Calibration,
    Challenge,
    Clock,
    Conversation,
    Dispute,
    ExemplarConsent,
    Feedback,
    Finding,
    HeldOpen,
    ModeratedSection,
    Moderation,
    Reflection,
    Response,
    ResponsePoint,
    SafeguardingAlert,
    ToolQuestion,
    ToolVersion,
    Transition,
)
from audits.services.tallies import rebuild
from cases.choices import AgeBand, PlanType
from cases.models import Case, CaseAlias, Holding, NamedPerson, Worker
from core.jobs.choices import FaultSeverity, ImportStatus, JobStatus
from core.jobs.models import FileImport, ImportFault, Job
from core.notifications.models import Notice
from learning.models import PanelSummary
from learning.services import live_content
from reports.models import FeedToken, SavedReport, Subscription
from reports.services.freezing import draft_month
from tests.access.people import FAR, NEAR, Person, Structure, further_people, one_for_each_role
from tests.access.surroundings import surround
from tests.factories.accounts import DirectorateFactory, ServiceFactory, TeamFactory, UserFactory, give_role
from tests.factories.audits import AuditFactory, live_tool
from tests.factories.exports import export_file

CANARY = re.compile(r"cnry\d{4}x", re.IGNORECASE)
RESTRICTED = "restricted"


@dataclass
class Thing:
    """Something that an address can name. `facts` is what the rules may ask of it; `ids` fills the address."""

    kind: str
    name: str
    site: str
    ids: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    row: Any = None

    @property
    def restricted(self) -> bool:
        """Whether it belongs to a restricted case."""
        return self.site == RESTRICTED

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass
class World:
    """The council: its people, its things by kind, and its canaries."""

    people: dict[str, Person]
    extras: dict[str, User]
    tool: ToolVersion
    things: dict[str, list[Thing]] = field(default_factory=dict)
    canaries: dict[str, tuple[Thing, str, str]] = field(default_factory=dict)

    def add(self, thing: Thing) -> Thing:
        """Keep a thing under its kind."""
        self.things.setdefault(thing.kind, []).append(thing)
        return thing

    def canary(self, thing: Thing, facet: str, where: str) -> str:
        """A new word for one field (`where`) of the thing."""
        word = f"cnry{len(self.canaries):04d}x"
        self.canaries[word] = (thing, facet, where)
        return word

    def the(self, kind: str, name: str) -> Thing:
        """The thing of this kind and name."""
        return next(thing for thing in self.things[kind] if thing.name == name)

    def user(self, key: str) -> User:
        """The account of a person or of somebody in the background."""
        if key in self.extras:
            return self.extras[key]
        user = self.people[key].user
        assert user is not None
        return user


def made_up(kind: str, names: tuple[str, ...]) -> Thing:
    """Something that does not exist: every part of its address is invented."""
    return Thing(kind, "made up", "nowhere", {name: uuid.uuid4() for name in ("id", *names)})


def build() -> World:
    """Make the whole council. Everything is written directly, since it has to exist in every state at once."""
    directorate = DirectorateFactory()
    services = {NEAR: ServiceFactory(name="Near Service", parent=directorate)}
    services[FAR] = ServiceFactory(name="Far Service", parent=directorate)
    teams = {site: TeamFactory(name=f"{site.title()} Team", parent=service) for site, service in services.items()}
    structure = Structure(directorate, services, teams)
    people = {person.key: person for person in (*one_for_each_role(structure), *further_people(structure))}
    extras = {
        key: UserFactory(name=f"Example {key}")
        for key in ("far_auditor", "third_auditor", "far_holder", "far_moderator", "spare")
    }
    for key in ("far_auditor", "third_auditor"):
        give_role(extras[key], Role.AUDITOR, directorate)
    give_role(extras["far_moderator"], Role.MODERATOR, directorate)
    give_role(extras["far_holder"], Role.PRACTITIONER, teams[FAR])
    give_role(extras["spare"], Role.PANEL_MEMBER, directorate)
    tool = live_tool()
    ToolQuestion.objects.create(
        section=tool.sections.get(key="voice"),
        key="words", kind=QuestionKind.LONG_TEXT, text="What does the child say?", required=False, position=1,
    )  # fmt: skip
    world = World(people, extras, tool)
    _Builder(world, structure).all()
    surround(world, structure)
    rebuild()
    _summary(world)
    for case in list(world.things["case"]):
        world.add(Thing("looked-at case", case.name, case.site, case.ids, case.facts, case.row))
    return world


class _Builder:
    def __init__(self, world: World, structure: Structure) -> None:
        self.world = world
        self.structure = structure
        self.workers = {
            NEAR: Worker.objects.create(name="Example Near Holder", user=world.user("practitioner")),
            FAR: Worker.objects.create(name="Example Far Holder", user=world.user("far_holder")),
        }
        self.workers[RESTRICTED] = self.workers[NEAR]
        self.at = timezone.now() - timedelta(days=3)
        self.month = timezone.localdate().replace(day=1)

    def all(self) -> None:
        """Cases and audits in every state at every site, then what hangs on nobody's case."""
        for status in AuditStatus:
            self.audit(f"near {status}", NEAR, status, None if status == AuditStatus.PLANNED else "auditor")
        for status in (AuditStatus.IN_PROGRESS, AuditStatus.SUBMITTED, AuditStatus.FEEDBACK_ISSUED):
            self.audit(f"far {status}", FAR, status, "far_auditor")
        for status in (AuditStatus.IN_PROGRESS, AuditStatus.SUBMITTED, AuditStatus.FEEDBACK_ISSUED):
            self.audit(f"restricted {status}", RESTRICTED, status, "far_auditor")
        self.audit("restricted own", RESTRICTED, AuditStatus.IN_PROGRESS, "auditor")
        self.audit("of the leaver", NEAR, AuditStatus.IN_PROGRESS, "ended")
        self.audit("of the joiner", NEAR, AuditStatus.IN_PROGRESS, "tomorrow")
        self.audit("far opened", FAR, AuditStatus.SUBMITTED, "far_auditor", opened_by="moderator")
        self.audit("near opened elsewhere", NEAR, AuditStatus.SUBMITTED, "auditor", opened_by="far_moderator")
        self.audit("near to confirm", NEAR, AuditStatus.SUBMITTED, "auditor", opened_by="far_moderator",
                   step=ModerationStatus.AWAITING_CONFIRMATION)  # fmt: skip
        self.audit("near to answer", NEAR, AuditStatus.SUBMITTED, "auditor", opened_by="far_moderator",
                   step=ModerationStatus.AWAITING_ACCEPTANCE)  # fmt: skip
        for name, site, auditor in (("near disputed", NEAR, "auditor"), ("far disputed", FAR, "far_auditor")):
            self.audit(name, site, AuditStatus.SUBMITTED, auditor, opened_by="far_moderator",
                       step=ModerationStatus.DISPUTED)  # fmt: skip
        self.dispute(self.world.the("audit", "near disputed"), "")
        self.dispute(self.world.the("audit", "far disputed"), "moderator")
        self.audit("far moderated", FAR, AuditStatus.FEEDBACK_ISSUED, "far_auditor", moderated_by="moderator")
        for name, status in (
            ("near in_progress", AlertStatus.RAISED), ("near feedback_issued", AlertStatus.RESOLVED),
            ("near submitted", AlertStatus.ACKNOWLEDGED), ("far in_progress", AlertStatus.RAISED),
            ("restricted submitted", AlertStatus.RAISED), ("restricted own", AlertStatus.RAISED),
        ):  # fmt: skip
            self.alert(self.world.the("audit", name), status)
        self.answered()
        self.challengeable()
        self.calibrations()
        self.jobs_and_imports()
        self.files()
        self.tokens()
        self.saved_reports()
        self.notices()
        self.kept_forms()

    def calibrations(self) -> None:
        """Calibrations whose grades are hidden: one in which the auditor takes part, two in which nobody here does."""
        for number, (name, site, person) in enumerate(
            (("near in_progress", NEAR, "auditor"), ("far in_progress", FAR, "far_auditor"),
             ("restricted in_progress", RESTRICTED, "far_auditor"))
        ):  # fmt: skip
            case = self.world.the("case", name)
            thing = self.world.add(Thing("calibration", name, site, {}, {"takes_part": person}))
            thing.row = Calibration.objects.create(
                reference=f"C-1999-{number:04}", case=case.row, tool_version=self.world.tool,
                due_on=timezone.localdate() + timedelta(days=7), about=self.world.canary(thing, "calibration", "about"),
            )  # fmt: skip
            AuditFactory(
                case=case.row, auditor=self.world.user(person), status=AuditStatus.ALLOCATED,
                purpose=AuditPurpose.CALIBRATION, calibration=thing.row,
            )  # fmt: skip
            thing.ids = {"id": thing.row.pk, "calibration": thing.row.pk}

    def challengeable(self) -> None:
        """A good audit that may be challenged; its practitioner reflected and was asked to be an example."""
        thing = self.audit("near challengeable", NEAR, AuditStatus.FEEDBACK_ISSUED, "auditor")
        audit, person = thing.row, self.world.user("practitioner")
        due = timezone.localdate() + timedelta(days=7)
        Clock.objects.create(
            audit=audit, kind=ClockKind.CHALLENGE, started_on=self.at.date(), days=5, due_on=due, first_due_on=due
        )
        Reflection.objects.create(
            audit=audit, person=self.world.user("far_holder"), saved_at=self.at,
            text=self.world.canary(thing, "reflection", "reflection"),
        )  # fmt: skip
        Challenge.objects.create(
            audit=audit, about="facts", text=self.world.canary(thing, "challenge", "challenge"), status="decided",
            opened_by=self.world.user("far_holder"), opened_at=self.at, decided_at=self.at,
            reason=self.world.canary(thing, "notes", "decision of the challenge"),
        )  # fmt: skip
        ExemplarConsent.objects.create(audit=audit, person=person, asked_at=self.at)

    def answered(self) -> None:
        """An inadequate audit that was answered, waits for a countersignature and is held open; its feedback."""
        thing = self.audit("near answered", NEAR, AuditStatus.FEEDBACK_ISSUED, "auditor")
        audit = thing.row
        Audit.objects.filter(pk=audit.pk).update(
            grade=Grade.INADEQUATE, counted_grade=Grade.INADEQUATE, feedback_issued_at=self.at
        )

        def word(where: str) -> str:
            return f"Words of the manager {self.world.canary(thing, 'response', where)}"

        Feedback.objects.create(audit=audit, number=1, grade=Grade.INADEQUATE, issued_at=self.at)
        for kind in (ClockKind.SAFETY, ClockKind.RESPONSE, ClockKind.CHALLENGE):
            due = timezone.localdate() + timedelta(days=7)
            Clock.objects.create(
                audit=audit, kind=kind, started_on=self.at.date(), days=5, due_on=due, first_due_on=due
            )
        response = Response.objects.create(
            audit=audit, status=ResponseStatus.COUNTERSIGN, summary=word("response"), given_at=self.at,
            given_by=self.world.user("far_holder"), returned_why=word("why the response came back"),
        )  # fmt: skip
        ResponsePoint.objects.create(
            response=response, finding=audit.findings.filter(kind=FindingKind.DEVELOPMENT).first(), view=View.PARTLY,
            text=word("answer to a point"),
        )  # fmt: skip
        HeldOpen.objects.create(audit=audit, why=word("why it is held open"), at=self.at, by=self.world.user("qa_lead"))

    def case(self, name: str, site: str) -> Thing:
        """A case with another reference, a holder and, where it is restricted, one named person."""
        world, place = self.world, NEAR if site == RESTRICTED else site
        thing = world.add(Thing("case", name, site, {}, {"holder": "practitioner" if place == NEAR else "far_holder"}))
        case = Case.objects.create(
            reference=world.canary(thing, "case", "reference"), plan_type=PlanType.CIN, age_band=AgeBand.AGE_5_9,
            service=self.structure.services[place], team=self.structure.teams[place], opened_on=date(2024, 1, 8),
            legal_status=world.canary(thing, "inside", "legal status"), restricted=site == RESTRICTED,
        )  # fmt: skip
        CaseAlias.objects.create(
            case=case, reference=world.canary(thing, "inside", "other reference"),
            system=world.canary(thing, "inside", "other system"),
        )  # fmt: skip
        Holding.objects.create(
            case=case, worker=self.workers[site], service=case.service, team=case.team, plan_type=case.plan_type,
            held_from=date(2024, 6, 1),
        )  # fmt: skip
        earlier = Worker.objects.create(name=f"Earlier {world.canary(thing, 'worker', 'earlier worker')}")
        Holding.objects.create(
            case=case, worker=earlier, service=case.service, team=case.team, plan_type=case.plan_type,
            held_from=date(2024, 1, 8), held_to=date(2024, 5, 31),
        )  # fmt: skip
        if case.restricted:
            NamedPerson.objects.create(case=case, user=world.user("named"))
            NamedPerson.objects.create(case=case, user=world.user("spare"))
        thing.row, thing.ids = case, {"id": case.pk, "case": case.pk, "person": world.user("spare").pk}
        return thing

    def audit(
        self,
        name: str,
        site: str,
        status: str,
        auditor: str | None,
        *,
        opened_by: str = "",
        moderated_by: str = "far_moderator",
        step: str = "",
    ) -> Thing:
        """An audit of a case of its own, written in full whatever its state, with its moderation once submitted."""
        world = self.world
        case = self.case(name, site)
        given, final = status in GRADE_GIVEN, status in GRADE_FINAL
        thing = world.add(
            Thing("audit", name, site, {}, {"status": status, "auditor": auditor or "", "case": case, "queue": ""})
        )
        thing.facts |= {"moderator": "", "dispute": "", "second": ""}

        def word(where: str, facet: str = "notes") -> str:
            return f"Words about it {world.canary(thing, facet, where)}"

        audit = AuditFactory(
            reference=world.canary(thing, "reference", "reference"), case=case.row, status=status,
            auditor=world.user(auditor) if auditor else None, auditor_grade=Grade.GOOD,
            grade=Grade.GOOD if given else "", counted_grade=Grade.GOOD if given else "",
            month=self.month if given else None, audited_on=self.at.date() if given else None,
            submitted_at=self.at if given else None, settled_at=self.at if final else None,
            window_from=timezone.localdate() - timedelta(days=365), window_to=timezone.localdate(),
            rationale=word("rationale"), working_well=word("working well", "strengths"), worries=word("worries"),
            next_steps=word("next steps"), immediate_actions=word("immediate actions"),
            override_reason=word("override reason"), no_family_feedback_reason=word("no family feedback"),
        )  # fmt: skip
        rows = list(audit.sections.select_related("section"))
        for row in rows:
            row.state, row.grade, row.reason = SectionState.COMPLETE, Grade.GOOD, word(f"reason, {row.section.key}")
            row.settled_grade = Grade.GOOD if final else ""
            row.save()
            for question in row.section.questions.all():
                said = word("answer") if question.kind == QuestionKind.LONG_TEXT else "yes"
                Answer.objects.create(audit_section=row, question=question, value=said)
            for kind in FindingKind:
                Finding.objects.create(
                    audit=audit, audit_section=row, kind=kind,
                    text=word(f"{kind}", "strengths" if kind == FindingKind.STRENGTH else "notes"),
                    evidence_document=word("evidence"),
                )  # fmt: skip
        talk = Conversation.objects.create(
            audit=audit, with_whom=ConversationWith.WORKER, outcome=ConversationOutcome.DECLINED,
            reason=word("why no conversation"),
        )  # fmt: skip
        Conversation.objects.create(
            audit=audit, with_whom=ConversationWith.CHILD, outcome=ConversationOutcome.DONE, mode="phone",
            held_on=timezone.localdate(), what_they_said=word("what the child said"),
        )  # fmt: skip
        for event, why in (("allocate", ""), ("reassign", word("why it was given to somebody else", "story"))):
            Transition.objects.create(
                audit=audit, at=self.at, event=event, from_status="planned", to_status="allocated", why=why
            )
        thing.row = audit
        point = audit.findings.filter(kind=FindingKind.DEVELOPMENT).first()
        thing.ids = {"id": audit.pk, "audit": audit.pk, "finding": point.pk if point else None}
        thing.facts |= {"sections": rows}
        parts = {"audit": thing, "status": status, "auditor": auditor or "", "case": case}
        for kind, row in (("section", rows[0]), ("conversation", talk)):
            world.add(Thing(kind, name, site, {"audit": audit.pk, kind: row.pk}, parts, row))
        if given:
            self.moderation(thing, final=final, opened_by=opened_by, moderated_by=moderated_by, step=step)
        return thing

    def dispute(self, audit: Thing, second: str) -> None:
        """A dispute about a grade of the audit: open, or with a second moderator."""
        world = self.world
        status = DisputeStatus.WITH_SECOND_MODERATOR if second else DisputeStatus.OPEN
        thing = world.add(
            Thing("dispute", audit.name, audit.site, {}, {"audit": audit, "status": status, "second": second})
        )
        audit.facts |= {"dispute": status, "second": second}
        row = Dispute.objects.create(
            audit=audit.row, moderation=audit.row.moderations.get(), origin=DisputeOrigin.MODERATION, status=status,
            raised_by=audit.row.auditor, raised_at=self.at, grade_one=Grade.GOOD, grade_two=Grade.REQUIRES_IMPROVEMENT,
            why=f"Words about the grade {world.canary(thing, 'dispute', 'why')}", due_on=timezone.localdate(),
            second_moderator=world.user(second) if second else None,
        )  # fmt: skip
        thing.row, thing.ids = row, {"id": row.pk, "dispute": row.pk}

    def moderation(self, audit: Thing, *, final: bool, opened_by: str, moderated_by: str, step: str = "") -> None:
        """What became of the submission: waiting, opened by somebody, or decided by somebody."""
        world = self.world
        who = moderated_by if final else opened_by
        status = ModerationStatus.DONE if final else ModerationStatus.OPENED if who else ModerationStatus.SELECTED
        status = ModerationStatus(step) if step else status
        thing = world.add(
            Thing("moderation", audit.name, audit.site, {}, {"audit": audit, "status": status, "moderator": who})
        )
        audit.facts |= {"queue": status, "moderator": who}

        def word(where: str) -> str:
            return f"Words of the moderator {world.canary(audit, 'moderation', where)}" if final else ""

        row = Moderation.objects.create(
            audit=audit.row, reasons=["random"], draw=7, status=status, moderator=world.user(who) if who else None,
            due_on=timezone.localdate() + timedelta(days=5), grade_before=Grade.GOOD,
            outcome=ModerationOutcome.CHANGED if final else "", grade_after=Grade.GOOD if final else "",
            reason=word("reason of the moderator"), override_reason=word("override of the moderator"),
            decided_at=self.at if final else None, opened_at=self.at if who else None,
            answer_by=timezone.localdate(), confirm_by=timezone.localdate(),
        )  # fmt: skip
        if final:
            ModeratedSection.objects.create(
                moderation=row, audit_section=audit.sections[0], grade_before=Grade.GOOD, grade_after=Grade.GOOD,
                reason=word("reason of the moderator for a section"),
            )  # fmt: skip
        thing.row, thing.ids = row, {"id": row.pk, "moderation": row.pk}

    def alert(self, audit: Thing, status: str) -> None:
        """A safeguarding alert on the audit."""
        world = self.world
        thing = world.add(Thing("alert", audit.name, audit.site, {}, {"audit": audit, "status": status}))

        def word(where: str) -> str:
            return world.canary(thing, "alert", where)

        done = status == AlertStatus.RESOLVED
        row = SafeguardingAlert.objects.create(
            audit=audit.row, what=word("what"), where=word("where"), since=word("since"), told_name=word("told"),
            told_at=self.at, status=status, raised_by=world.user("far_auditor"), raised_at=self.at,
            resolution=word("resolution") if done else "", resolved_by=world.user("far_manager") if done else None,
            resolved_at=self.at if done else None,
        )  # fmt: skip
        thing.row, thing.ids = row, {"id": row.pk, "alert": row.pk}

    def jobs_and_imports(self) -> None:
        """A failed job that the Principal Social Worker asked for, one of the system, and a file ready to apply."""
        world = self.world
        for name, asker in (("of the PSW", "principal_social_worker"), ("of the system", "")):
            thing = world.add(Thing("job", name, NEAR, {}, {"asked_by": asker}))
            row = Job.objects.create(
                kind="build_panel_summary", payload={"month": f"{self.month:%Y-%m}"}, status=JobStatus.FAILED,
                run_after=self.at, attempts=5, started_at=self.at, finished_at=self.at,
                progress_text=world.canary(thing, "job", "progress"), error=world.canary(thing, "build", "error"),
                asked_by=world.user(asker) if asker else None,
            )  # fmt: skip
            thing.row, thing.ids = row, {"id": row.pk}
        thing = world.add(Thing("import", "ready", NEAR, {}))
        row = FileImport.objects.create(
            kind="cases", filename=f"{world.canary(thing, 'import', 'file name')}.csv", content=b"reference\n",
            sha256="0" * 64, size=10, status=ImportStatus.PREVIEWED, options={"as_at": "2026-03-04"},
            counts={"rows_in": 2, "accepted": 1, "rejected": 1, "new": 1, "changed": 0, "closed": 0},
            given_by=world.user("qa_admin"),
        )  # fmt: skip
        for severity in FaultSeverity:
            ImportFault.objects.create(
                file_import=row, severity=severity, list="List 6", row=7, column="Team",
                value=world.canary(thing, "import", "refused value"), reason=world.canary(thing, "import", "why"),
            )  # fmt: skip
        thing.row, thing.ids = row, {"id": row.pk}

    def files(self) -> None:
        """A file that was made for a head of service, and one for a panel member."""
        for owner in ("head_of_service", "panel_member"):
            thing = self.world.add(Thing("export", f"of {owner}", NEAR, {}, {"owner": owner}))
            row = export_file(
                self.world.user(owner), title=self.world.canary(thing, "export", "title"), content=b"figures"
            )
            thing.row, thing.ids = row, {"id": row.pk}

    def saved_reports(self) -> None:
        """A report of the QA lead's that comes to a head of service."""
        owner, comes_to = self.world.user("qa_lead"), self.world.user("head_of_service")
        facts = {"owner": "qa_lead", "comes_to": "head_of_service"}
        thing = self.world.add(Thing("saved report", "of the QA lead", NEAR, {}, facts))
        asked = {
            "period": "last-12", "first": "2026-01", "last": "2026-02", "by": "month", "services": [],
            "settled_only": False, "as_now": False,
        }  # fmt: skip
        row = SavedReport.objects.create(
            owner=owner, name=self.world.canary(thing, "saved report", "name"), asked=asked, saved_at=self.at
        )
        thing.row, thing.ids = row, {"id": row.pk}
        self.world.add(Thing("own report", "of the QA lead", NEAR, {"id": row.pk}, {"owner": "qa_lead"}, row))
        comes = Subscription.objects.create(
            report=row, person=comes_to, cadence="monthly", asked_by=owner, since=self.at, last_for="2026-01"
        )
        self.world.add(Thing("subscription", "to a head", NEAR, {"id": comes.pk}, facts, comes))

    def tokens(self) -> None:
        """A program that reads the feed."""
        thing = self.world.add(Thing("token", "of a program", NEAR, {}))
        row = FeedToken.objects.create(
            name=self.world.canary(thing, "token", "name"), digest="0" * 64, tables=["audits"], made_at=self.at,
            made_by=self.world.user("qa_lead"), expires_on=self.at.date() + timedelta(days=90),
        )  # fmt: skip
        thing.row, thing.ids = row, {"id": row.pk}

    def notices(self) -> None:
        """A notice of an alert for each of the two team managers."""
        for person, about in (("team_manager", "near in_progress"), ("far_manager", "far in_progress")):
            alert = self.world.the("alert", about)
            thing = self.world.add(Thing("notice", f"to {person}", alert.site, {}, {"person": person}))
            row = Notice.objects.create(
                person=self.world.user(person), kind="alert_raised", key=f"alert_raised:{alert.row.pk}",
                object_id=alert.row.pk, reference=self.world.canary(thing, "notice", "reference"),
                link=f"/audits/alerts/{alert.row.pk}/",
            )  # fmt: skip
            thing.row, thing.ids = row, {"id": row.pk}

    def kept_forms(self) -> None:
        """What a practitioner had typed when their session ran out, and a far manager."""
        for person, site in (("practitioner", NEAR), ("far_manager", FAR)):
            thing = self.world.add(Thing("kept form", f"of {person}", site, {}, {"person": person}))
            word = self.world.canary(thing, "kept form", "what was typed")
            row = KeptForm.objects.create(user=self.world.user(person), path="/", fields=[["why", f"It says {word}"]])
            thing.row, thing.ids = row, {"id": row.pk}


def _summary(world: World) -> None:
    """The summary of the present month, built from the council as it stands."""
    month = timezone.localdate().replace(day=1)
    content = live_content(month=month)
    row = PanelSummary.objects.create(month=month, number=1, content=content.data, checksum=content.checksum)
    world.add(Thing("summary", "of the month", NEAR, {"id": row.pk}, {}, row))
    _learning(world)
    for kind in ("cases", "audits"):
        world.add(Thing("kind of file", kind, NEAR, {"kind": kind}))
    world.add(Thing("month", "this month", NEAR, {"month": f"{month:%Y-%m}"}))
    for name in ("the last", "the one before"):
        month = (month - timedelta(days=1)).replace(day=1)
        draft = draft_month(month=month, by=SYSTEM) if name == "the last" else None
        world.add(Thing("month", name, NEAR, {"month": f"{month:%Y-%m}"}, {}, draft))


def words_in(text: str) -> Iterator[str]:
    """The canaries in a text."""
    return (word.lower() for word in dict.fromkeys(CANARY.findall(text)))


def _learning(world: World) -> None:
    """Panels with their meetings; exemplars and briefings."""
    from tests.access.panels import add_panels, add_practice

    add_panels(world)
    add_practice(world)
