"""The worker's environment: a wrong value is refused by name, before vLLM spends half a minute on it."""

from pathlib import Path

import pytest
from hotline_llm.settings import SettingsError, read_settings


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}")
    return tmp_path


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LLM_MODEL"):
        read_settings({"LLM_MODEL": str(tmp_path)})
    with pytest.raises(SettingsError, match="LLM_MODEL"):
        read_settings({})


def test_defaults_listen_on_loopback_only(model: Path) -> None:
    settings = read_settings({"LLM_MODEL": str(model)})
    assert settings.host == "127.0.0.1"
    assert settings.health_port != settings.port


@pytest.mark.parametrize("value", ["0", "65536", "http", "1.5"])
def test_a_port_that_is_none_is_named(model: Path, value: str) -> None:
    with pytest.raises(SettingsError, match="HOTLINE_LLM_PORT"):
        read_settings({"LLM_MODEL": str(model), "HOTLINE_LLM_PORT": value})


def test_an_empty_variable_counts_as_unset(model: Path) -> None:
    settings = read_settings({"LLM_MODEL": str(model), "HOTLINE_LLM_PORT": ""})
    assert settings.port == 8100
