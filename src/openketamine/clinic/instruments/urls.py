"""Addresses of the instruments room."""

from django.urls import path

from openketamine.clinic.instruments import views

app_name = "instruments"
urlpatterns = [
    path("", views.licences, name="licences"),
    path("pack/", views.pack, name="pack"),
    path("<slug:instrument>/words/", views.words, name="words"),
]
