"""Addresses of the drug book."""

from django.urls import path

from openketamine.clinic.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.stock, name="stock"),
    path("vial/<int:number>/", views.vial, name="vial"),
    path("row/<int:number>/", views.row, name="row"),
    path("session/<slug:reference>/", views.session, name="session"),
]
