"""What a spec test may use: the commands, called as a script would call them."""

import json

import pytest

from openketamine.site import cli


@pytest.fixture
def command(capsys, tmp_path):
    """Call a command with one input file; its JSON lines."""

    def call(name, text, *options):
        path = tmp_path / "input"
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        cli.run([name, *options[:1], str(path), *options[1:]] if name == "score" else [name, str(path), *options])
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return call
