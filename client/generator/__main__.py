"""`make client`: write the client of the committed schema and operations anew."""

from client.generator.files import INTO, written


def main() -> None:
    """Write them; what no operation needs any more is removed."""
    files = written()
    INTO.mkdir(exist_ok=True)
    for old in INTO.glob("*.py"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (INTO / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
