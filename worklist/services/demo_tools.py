"""A tool's next version, half written by the QA lead: what the tool editor has to show."""

from __future__ import annotations

from audits.choices import QuestionKind
from audits.models import ToolQuestion, ToolVersion
from audits.services import building, publishing
from audits.services.building import QuestionText
from worklist.services.demo_people import Council


def make_draft(*, council: Council, version: ToolVersion) -> None:
    """The supervision tool's next version: a question reworded, one added with its condition still to be chosen."""
    lead = council.people["qa.lead"]
    draft = publishing.draft_version(tool=version.tool, by=lead)
    asked = ToolQuestion.objects.select_related("section").get(section__version=draft, key="longest_gap")
    text = QuestionText(QuestionKind.NUMBER, "What is the longest gap between two recorded sessions, in weeks?")
    building.write_question(section=asked.section, question=asked, draft=text, by=lead, revision=asked.revision)
    where = draft.sections.get(key="reflection")
    building.write_question(
        section=where,
        draft=QuestionText(
            QuestionKind.CHOICE,
            "Who brought the case to supervision?",
            required=False,
            options=("The worker", "The manager", "Both"),
        ),
        by=lead,
    )
    building.write_section(
        version=draft,
        draft=building.SectionText(title="Impact for the child", guidance="What changed for the child after it?"),
        by=lead,
    )
