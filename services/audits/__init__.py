"""How well it is kept: audits, nonconformities, management review (TCVN ISO 9001:2015, 9.2, 9.3, 10.2)."""
