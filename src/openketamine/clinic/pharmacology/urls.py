"""Addresses of the pharmacology room."""

from django.urls import path

from openketamine.clinic.pharmacology import views

app_name = "pharmacology"
urlpatterns = [
    path("basis/", views.rests_on, name="basis"),
    path("interactions/", views.interacting, name="interactions"),
    path("<str:reference>/", views.person, name="person"),
]
