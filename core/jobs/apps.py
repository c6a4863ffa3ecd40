from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "core.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        from core import navigation
        from core.council.selectors import declare
        from core.jobs import rules, tasks
        from core.jobs.access import brings_files, keeps_jobs
        from core.jobs.services import register_schedule

        declare([rules.EXPORTS_A_DAY])
        register_schedule(tasks.NIGHTLY)

        navigation.register(
            navigation.NavItem("Jobs", "jobs:list", order=90, shown_to=keeps_jobs, section="Administration")
        )
        navigation.register(
            navigation.NavItem(
                "Imports",
                "jobs:imports",
                order=80,
                shown_to=brings_files,
                prefix="/jobs/imports/",
                section="Administration",
            )
        )
        navigation.register(navigation.NavItem("Your files", "jobs:exports", order=30, place="footer"))
