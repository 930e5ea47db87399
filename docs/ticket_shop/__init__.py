"""A small shop that sells seats: the app of lab 13, and an app for `manage.py explore FILE --app docs/ticket_shop`."""
