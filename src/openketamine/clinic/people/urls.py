"""Addresses of the people room."""

from django.urls import path

from openketamine.clinic.people import views

app_name = "people"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/demo/", views.demo_sign_in, name="demo-sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("refer/", views.refer, name="refer"),
    path("elsewhere/<slug:reference>/", views.record_elsewhere, name="elsewhere"),
]
