from django.apps import AppConfig


class AssuranceClinicsConfig(AppConfig):
    name = "assurance_clinics"
    label = "assurance_clinics"
    verbose_name = "Assurance clinics"
