"""Addresses of the plan room."""

from django.urls import path

from openketamine.clinic.plan import views

app_name = "plan"
urlpatterns = [
    path("<slug:reference>/", views.plan, name="plan"),
    path("<slug:reference>/course/", views.course, name="course"),
    path("<slug:reference>/order/", views.order, name="order"),
    path("<slug:reference>/finding/<int:number>/", views.finding, name="finding"),
]
