from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "core.notifications"
    label = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        from core import context
        from core.jobs.access import keeps_jobs
        from core.jobs.services import on_event, register_schedule
        from core.notifications import services, tasks

        context.register_unread_counter(services.unread_count)
        services.register_kind(
            services.NoticeKind("job_failed", "A background job failed", lambda user, _: keeps_jobs(user))
        )
        services.register_kind(
            services.NoticeKind("import_failed", "A file could not be read", lambda user, _: keeps_jobs(user))
        )
        on_event("job_failed", "tell_of_failed_job")
        on_event("import_failed", "tell_of_failed_import")
        register_schedule(tasks.EVERY_MORNING)
        services.register_kind(
            services.NoticeKind("export_ready", "A file that you asked for is ready", services.may_fetch)
        )
        on_event("export_ready", "tell_of_export")
