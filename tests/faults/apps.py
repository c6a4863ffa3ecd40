from django.apps import AppConfig


class FaultKinds(AppConfig):
    name = "tests.faults"
    label = "fault_kinds"

    def ready(self) -> None:
        from tests.faults import work

        work.register()
