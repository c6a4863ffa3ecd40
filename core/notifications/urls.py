from django.urls import path

from core.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.notice_list, name="list"),
    path("e-mail/", views.notice_email, name="email"),
    path("read-all/", views.notice_read_all, name="read-all"),
    path("<uuid:pk>/open/", views.notice_open, name="open"),
]
