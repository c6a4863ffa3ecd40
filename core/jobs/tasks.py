"""What the queue brings: a few lines each, the work is in the services."""

from celery import shared_task

from core.jobs import services


@shared_task(name="core.jobs.tasks.run")
def run(job_id: str) -> None:
    """Do one job, unless it is done or held already."""
    services.run_job(job_id)


@shared_task(name="core.jobs.tasks.sweep")
def sweep() -> None:
    """Find work that no living worker holds."""
    services.sweep()


@shared_task(name="core.jobs.tasks.tick")
def tick() -> None:
    """Make the work of every schedule whose period has come."""
    services.tick()
