from django.urls import URLPattern

app_name = "assurance_clinics"
urlpatterns: list[URLPattern] = []
