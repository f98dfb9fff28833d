"""The textbook service that figure P4 is measured against: FastAPI, pydantic, SQLAlchemy's ORM (async), asyncpg.

Written as a good team would in a week, and nothing in it is made slow: see bench/README.md. It runs in an environment
of its own (`requirements-peer.lock`) and imports nothing of Orderdock.
"""
