"""Addresses of the candidacy room."""

from django.urls import path

from openketamine.clinic.candidacy import views
from openketamine.clinic.candidacy.views_clinic import policy, protocols, stand, text
from openketamine.clinic.candidacy.views_intake import answers, history, lists, minimum, stage
from openketamine.clinic.candidacy.views_measured import set_validity, work_up
from openketamine.clinic.candidacy.views_screens import close, screens
from openketamine.clinic.candidacy.views_sharing import leaflet, pdf, share, sign, withdraw

app_name = "candidacy"
urlpatterns = [
    path("protocols/", protocols, name="protocols"),
    path("protocols/policy/", policy, name="policy"),
    path("protocols/validity/", set_validity, name="validity"),
    path("protocols/<slug:name>/", stand, name="stand"),
    path("protocols/<slug:name>/text/", text, name="text"),
    path("read/<str:token>/", leaflet, name="leaflet"),
    path("read/<str:token>/sign/", sign, name="sign"),
    path("read/<str:token>/withdraw/", withdraw, name="withdraw"),
    path("<slug:reference>/", views.candidacy, name="candidacy"),
    path("<slug:reference>/as/<slug:name>/", views.candidacy, name="under"),
    path("<slug:reference>/as/<slug:name>/decide/", views.decide, name="decide"),
    path("<slug:reference>/as/<slug:name>/answers/", answers, name="answers"),
    path("<slug:reference>/decision/<int:number>/", views.decision, name="decision"),
    path("<slug:reference>/lists/", lists, name="lists"),
    path("<slug:reference>/work-up/", work_up, name="work-up"),
    path("<slug:reference>/history/", history, name="history"),
    path("<slug:reference>/history/minimum/", minimum, name="minimum"),
    path("<slug:reference>/history/stage/", stage, name="stage"),
    path("<slug:reference>/screens/", screens, name="screens"),
    path("<slug:reference>/screens/<int:number>/", close, name="close-screen"),
    path("<slug:reference>/as/<slug:name>/share/", share, name="share"),
    path("<slug:reference>/released/<int:number>.pdf", pdf, name="pdf"),
]
