"""The jobs page for those who keep the jobs running, and one job's page for whoever asked for it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core import health
from core.jobs import selectors, services
from core.jobs.access import keeps_jobs, must_keep_jobs
from core.jobs.models import Job, Pulse
from core.page_parts import SummaryRow
from core.templatetags.page_parts import moment

# How often the page of an unfinished job asks again, in seconds.
REFRESH_SECONDS = 4


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """All jobs: schedules, what runs, what failed, what was done."""
    must_keep_jobs(request.user)
    page = selectors.jobs_page(
        jobs=Job.objects.visible_to(request.user),
        pulses=Pulse.objects.visible_to(request.user),
        schedules=services.schedules(),
        titles=services.title_of,
        broker_answers=health.broker_answers(),
    )
    return render(request, "jobs/list.html", {"page": page})


@require_safe
def job_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One job: how far it is, and where its result lies."""
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("asked_by"), pk=pk)
    line = selectors.job_line(job, services.title_of)
    mine = job.asked_by_id == request.user.pk
    link = str(job.result.get("link", "")) if mine else ""
    context = {
        "job": line,
        "facts": _facts(line),
        "refresh": None if line.over else REFRESH_SECONDS,
        "result_says": line.says if mine or job.asked_by_id is None else "",
        "result_link": link if url_has_allowed_host_and_scheme(link, allowed_hosts=None) else "",
        "may_retry": line.failed and keeps_jobs(request.user),
        "keeps_jobs": keeps_jobs(request.user),
    }
    return render(request, "jobs/detail.html", context)


def _facts(line: selectors.JobLine) -> list[SummaryRow]:
    rows = [SummaryRow("Asked by", line.asked_by or "The system"), SummaryRow("Asked", moment(line.asked_at))]
    if line.started_at:
        attempt = f" (attempt {line.attempts})" if line.attempts > 1 else ""
        rows.append(SummaryRow("Started", moment(line.started_at) + attempt))
    if line.finished_at:
        rows.append(SummaryRow("Failed" if line.failed else "Done", moment(line.finished_at)))
    return rows


@require_POST
def job_retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Start a failed job again."""
    must_keep_jobs(request.user)
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    title = services.title_of(job.kind)
    if services.retry(job=job, by=request.user):
        messages.success(request, f"“{title}” will be tried again now.")
    else:
        messages.info(request, f"“{title}” is not among the failed jobs any more, so nothing was changed.")
    return redirect("jobs:list")
