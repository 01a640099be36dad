"""The rights over reviews."""

from __future__ import annotations

from app.kernel.permissions import Permission

REVIEWS_WRITE = Permission("reviews.write", "评价自己收到的货")
REVIEWS_ANSWER = Permission("reviews.answer", "回复对自己店的评价")
REVIEWS_READ = Permission("reviews.read", "查看本地评价")
REVIEWS_FOLD = Permission("reviews.fold", "折叠违法的评价")
