"""The suite tests itself: what it promises to catch, it catches."""

import socket

import pytest
from django.template import Context, Engine
from pytest_socket import SocketConnectBlockedError


@pytest.mark.parametrize(
    "text", ["{{ nobody }}", "{% if nobody %}{% endif %}", "{{ nobody|default:'' }}", "{{ known.nothing }}"]
)
def test_a_variable_that_a_template_asks_for_and_nobody_gave_is_heard(text, no_missing_variable):
    Engine().from_string(text).render(Context({"known": {}}))

    assert len(no_missing_variable.found) == 1
    no_missing_variable.found.clear()


def test_a_variable_that_is_given_is_not_complained_of(no_missing_variable):
    assert (
        Engine().from_string("{{ known }}{% if empty %}{% endif %}").render(Context({"known": 1, "empty": None})) == "1"
    )
    assert no_missing_variable.found == []


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_the_network_beyond_this_machine_is_off():
    with socket.socket() as one, pytest.raises(SocketConnectBlockedError):
        one.connect(("192.0.2.1", 80))


def test_a_warning_of_our_own_modules_is_an_error():
    code = compile("import warnings; warnings.warn('old')", "ours", "exec")

    with pytest.raises(UserWarning, match="old"):
        exec(code, {"__name__": "openketamine.core.quantity"})
    with pytest.warns(UserWarning, match="old"):
        exec(code, {"__name__": "somebody.else"})
