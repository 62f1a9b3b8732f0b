# Everything a developer or an operator does here, one word each. `make` alone prints this list.
PY := .venv/bin/python
INSTANCE ?= run

.DEFAULT_GOAL := help
.PHONY: help setup run story test lint format bench proof migrate migration schema client golden policy logs status doctor clean

help: ## Danh sách lệnh / this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Cài những gì còn thiếu (gói Debian, .venv) / install what is missing
	@bin/setup

run: setup ## Chạy cả nền tảng đến khi Ctrl-C (DEMO=plain: không có năm hoạt động; OBSERVE=1: thêm Prometheus) / run the whole platform until Ctrl-C (DEMO=plain: no year of work; OBSERVE=1: with Prometheus)
	@EISO_OBSERVE=$(OBSERVE) exec $(PY) -m deploy.local up --instance $(INSTANCE) $(if $(filter plain,$(DEMO)),--plain)

story: setup ## Diễn câu chuyện từ đầu đến cuối trên một nền tảng riêng / play the story on a platform of its own
	@exec $(PY) -m deploy.local story

test: setup ## Mọi kiểm thử, tự mở và đóng máy chủ (ONLY=cases hoặc CHANGED=1: trong 3 phút) / every test with the servers it needs (ONLY=cases or CHANGED=1: within 3 minutes)
	@exec $(PY) -m tests.run $(if $(ONLY),--only $(ONLY)) $(if $(CHANGED),--changed)

lint: setup ## ruff và mypy / ruff and mypy
	@$(PY) -m ruff check .
	@$(PY) -m mypy $(wildcard contracts worktime kernel org services gateway ops deploy client demo)

format: setup ## Sắp lại mã nguồn / format the code
	@$(PY) -m ruff check --fix --quiet .
	@$(PY) -m ruff format .

bench: setup ## Đo hiệu năng bên cạnh thứ thay thế, ghi docs/proof/bench.md (ROWS=a,b; JSON=1) / measure beside what one would use instead
	@exec $(PY) -m bench $(if $(ROWS),--rows $(ROWS)) $(if $(JSON),--json)

proof: setup ## Phép thử dài, ghi docs/proof/report.md / long-running proofs, written to docs/proof/report.md
	@exec $(PY) -m tests.proof

migrate: setup ## Nâng cơ sở dữ liệu lên bản mới nhất / upgrade the databases of INSTANCE
	@$(PY) -m deploy.local migrate --instance $(INSTANCE)

migration: setup ## Tạo tệp nâng cấp mới: s=documents m="thêm cột" / a new numbered migration of a service
	@test -n "$(s)" -a -n "$(m)" || { echo 'make migration s=documents m="thêm cột / add a column"' >&2; exit 2; }
	@$(PY) -m kernel.data.migrations new "$(s)" "$(m)"

schema: setup ## Ghi lại lược đồ GraphQL và lược đồ dòng đồng bộ / write the GraphQL and the sync line's schema anew
	@$(PY) -m gateway.schema.assembled
	@$(PY) -m tests.contract.line_schema

client: setup ## Ghi lại client có kiểu của lược đồ / write the typed client of the schema anew
	@$(PY) -m client.generator

golden: setup ## Ghi mẫu cho chủ đề mới / write golden files for new topics
	@$(PY) -m tests.contract.golden

policy: setup ## Ghi lại docs/policy.md / write the page of who may do what anew
	@$(PY) -m tests.contract.policy
	@$(PY) -m tests.invariants.statements
	@$(PY) -m tests.contract.problems

logs: ## Xem nhật ký của INSTANCE / follow the logs of INSTANCE
	@exec $(PY) -m deploy.local logs --instance $(INSTANCE)

status: ## Trạng thái từng tiến trình / the state of each process
	@exec $(PY) -m deploy.local status --instance $(INSTANCE)

doctor: ## Tìm chỗ sai và cách chữa / find what is wrong and how to mend it
	@exec $(PY) -m deploy.local doctor --instance $(INSTANCE)

clean: ## Dừng và xóa dữ liệu của mọi nền tảng riêng / stop and remove all private data
	@for folder in .local/*/; do $(PY) -m deploy.local clean --instance $$(basename $$folder); done
