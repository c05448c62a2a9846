"""Which room answers which address."""

from django.urls import include, path

urlpatterns = [
    path("", include("openketamine.clinic.chart.urls")),
    path("people/", include("openketamine.clinic.people.urls")),
]
