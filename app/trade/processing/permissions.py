"""The rights over processing and over the mark of origin."""

from __future__ import annotations

from app.kernel.permissions import Permission

PROCESSING_MAKE = Permission("processing.make", "记自己的加工、散枣和损耗")
PROCESSING_READ = Permission("processing.read", "查看加工记录")
MARK_READ = Permission("mark.read", "查看地理标志用标授权")
MARK_GRANT = Permission("mark.grant", "登记和终止地理标志用标授权")
