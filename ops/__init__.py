"""The operators' command line `eiso`; one module per subcommand."""
