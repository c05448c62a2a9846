"""Addresses of the learn room."""

from django.urls import path

from openketamine.clinic.learn import views

app_name = "learn"
urlpatterns = [path("", views.how_it_works, name="how-it-works")]
