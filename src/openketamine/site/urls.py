"""Which room answers which address."""

from django.urls import include, path

from openketamine.site import demo_views, incident_views, offline

ROOMS = {
    "people": "people", "tasks": "tasks", "monitoring": "monitoring", "candidacy": "candidacy", "questionnaires": "instruments", "pharmacology": "pharmacology", "plan": "plan", "drug-book": "ledger",
    "infusion": "infusion", "recovery": "recovery", "course": "followup", "safety": "safety", "p": "portal", "how-it-works": "learn",
}  # fmt: skip
urlpatterns = [
    path("", include("openketamine.clinic.chart.urls")),
    path("offline/", offline.page, name="offline"),
    path("offline-worker.js", offline.worker, name="offline-worker"),
    path("demo/restart/", demo_views.restart, name="demo-restart"),
    path("incident/<slug:reference>/bundle/", incident_views.bundle, name="incident-bundle"),
    path("fhir/", include("openketamine.doors.fhir.urls")),
    *(path(f"{address}/", include(f"openketamine.clinic.{room}.urls")) for address, room in ROOMS.items()),
]
