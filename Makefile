# Two commands: `make run` shows the platform, `make test` proves it. `make help` lists the rest.
.PHONY: help run test test-deep check catalogue browser bench screenshots lock audit
VENV = .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip --disable-pip-version-check --quiet
WORKERS = 2
ARGS =

help:
	@echo "make run        安装、建库、载入示例县并启动 · install, migrate, load the demo county, serve on :8000"
	@echo "make test       全部测试 · the whole suite, on SQLite and PostgreSQL (ARGS=tests/kernel narrows it)"
	@echo "make test-deep  长测试 · all seeds, drills and soaks"
	@echo "make check      ruff, mypy, import-linter, pip check"
	@echo "make catalogue  英文词表：收齐、列出还没译的 · renew the English catalogue, list what lacks English"
	@echo "make audit      known vulnerabilities of what is installed"
	@echo "make browser    装一个测试用的 Chromium · a Chromium for the browser tests"
	@echo "make bench      性能测试 · benchmarks"
	@echo "make screenshots  给文档重拍截图 · take the pictures for the documentation anew"
	@echo "make lock       requirements*.in -> requirements*.txt"

run: $(VENV)/.runtime
	@exec $(PY) -m flask run-county

test: $(VENV)/.dev
	@$(PY) -m tests.services.chromium >/dev/null 2>&1 || $(MAKE) browser
	$(PY) -m pytest -n $(WORKERS) $(ARGS)

test-deep: $(VENV)/.dev
	@$(PY) -m tests.services.chromium >/dev/null 2>&1 || $(MAKE) browser
	$(PY) -m pytest -n $(WORKERS) -m deep --timeout 3600 $(ARGS)

check: $(VENV)/.dev
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PIP) check

audit: $(VENV)/.dev
	$(PY) -m pip_audit --strict --require-hashes -r requirements.txt

catalogue: $(VENV)/.dev
	@$(PY) -m tests.web.messages

# Playwright's own download first; where that is closed, Debian's package, if we may install it.
browser: $(VENV)/.dev
	@PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=20000 $(PY) -m playwright install chromium >/dev/null 2>&1 || true
	@$(PY) -m tests.services.chromium 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q && DEBIAN_FRONTEND=noninteractive \
	      apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk libatomic1 && \
	    $(PY) -m tests.services.chromium; \
	  else \
	    echo "装不上 Chromium：请运行 sudo apt install chromium fonts-noto-cjk libatomic1 (or set CHROMIUM_BIN)" >&2; exit 1; \
	  fi; }

bench: $(VENV)/.dev
	$(PY) -m bench $(ARGS)

screenshots: $(VENV)/.dev
	$(PY) -m docs.screenshots $(ARGS)

lock: $(VENV)/.dev
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt

# A venv that was interrupted half-way has no working pip and is made anew.
$(VENV)/.made:
	@$(PY) -m pip --version >/dev/null 2>&1 || { \
	  for python in $${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	  done; \
	  [ -n "$$python" ] || { echo "需要 Python 3.11 或更新：请先运行 apt install python3 python3-venv (Python 3.11+ is needed)" >&2; exit 1; }; \
	  "$$python" -c 'import venv, ensurepip' 2>/dev/null || { echo "缺少 venv：请先运行 apt install python3-venv (Python's venv module is missing)" >&2; exit 1; }; \
	  "$$python" -m venv --clear $(VENV); }
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.made
	@echo "正在安装依赖，第一次约一分钟… (installing, about a minute the first time)"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "正在安装测试工具… (installing the test tools)"
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@
