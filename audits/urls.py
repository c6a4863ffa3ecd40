"""Where the pages of audits are. Addresses hold UUIDs, never references."""

from django.urls import path

from audits.views import alerts, drafting, moderating, planning, reading, submitting

app_name = "audits"
urlpatterns = [
    path("", reading.audit_list, name="list"),
    path("plan/<uuid:case>/", planning.plan, name="plan"),
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/<uuid:alert>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert>/acknowledge/", alerts.acknowledge, name="acknowledge_alert"),
    path("alerts/<uuid:alert>/resolve/", alerts.resolve, name="resolve_alert"),
    path("alerts/<uuid:alert>/check/", alerts.check, name="check_alert"),
    path("moderation/", moderating.queue, name="moderation_queue"),
    path("moderation/<uuid:moderation>/", moderating.moderate, name="moderate"),
    path("moderation/<uuid:moderation>/open/", moderating.open_moderation, name="open_moderation"),
    path("<uuid:audit>/", reading.detail, name="detail"),
    path("<uuid:audit>/allocate/", planning.allocate, name="allocate"),
    path("<uuid:audit>/reassign/", planning.reassign, name="reassign"),
    path("<uuid:audit>/void/", planning.void, name="void"),
    path("<uuid:audit>/decline/", planning.decline, name="decline"),
    path("<uuid:audit>/start/", submitting.start, name="start"),
    path("<uuid:audit>/submit/", submitting.submit, name="submit"),
    path("<uuid:audit>/recall/", planning.recall, name="recall"),
    path("<uuid:audit>/raise-alert/", alerts.raise_alert, name="raise_alert"),
    path("<uuid:audit>/sections/<uuid:section>/", drafting.section, name="section"),
    path("<uuid:audit>/sections/<uuid:section>/autosave/", drafting.section_autosave, name="section_autosave"),
    path("<uuid:audit>/overall/", drafting.overall, name="overall"),
    path("<uuid:audit>/overall/autosave/", drafting.overall_autosave, name="overall_autosave"),
    path("<uuid:audit>/conversations/", drafting.conversations, name="conversations"),
    path("<uuid:audit>/conversations/<uuid:conversation>/", drafting.conversation, name="conversation"),
    path(
        "<uuid:audit>/conversations/<uuid:conversation>/remove/",
        drafting.remove_conversation,
        name="remove_conversation",
    ),
]
