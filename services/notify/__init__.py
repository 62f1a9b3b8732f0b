"""Who is told: notices inside the system, and the e-mails sent for them."""
