"""Who is notified: notices inside the system, and the e-mails sent for them."""
