"""The pages a person opens: the Python files decide what is shown, `templates/` how it is written."""
